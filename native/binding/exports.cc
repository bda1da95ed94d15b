// Functions that give our things away: the External behind Symbol.for('nbuf.exporter').
#include <nbuf/nbuf_node.h>

#include "block.h"
#include "convert.h"
#include "functions.h"
#include "js_memory.h"

namespace nbuf::binding {
namespace {

// An External with nbuf's tag for an exporter, whose one reference it takes over.
napi_value external_of(EnvData* env, nbuf_exporter* exporter) {
  napi_value out = nullptr;
  nbuf_status status = nbuf_wrap_exporter(env->env, exporter, &out);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? out : failed(env, status);
}

napi_value export_array(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  ArrayRecord* record = call.array(0);
  if (record == nullptr) return failed(call.env, NBUF_ERR_RELEASED);
  nbuf_exporter* exporter = &record->array->pub;
  exporter->ops->retain(exporter);
  return external_of(call.env, exporter);
}

// slot, format, 1 for a readonly view; its layout in the scratch array.
napi_value export_view(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  Slot* slot = call.slot(0);
  if (slot == nullptr || slot->provider == nullptr)
    return failed(call.env, NBUF_ERR_RELEASED);
  ScratchLayout layout;
  std::vector<char> format;
  nbuf_status status = layout.read(call.env, 0);
  string_of(raw, call.argv[1], &format);
  layout.spec.format = format.data();
  if (status == NBUF_OK && slot->lease == nullptr) {
    slot->lease = core::Lease::make(slot->provider);
    if (slot->lease == nullptr) status = core::out_of_memory(&call.env->error);
  }
  nbuf_exporter* exporter = nullptr;
  core::ExportGuard guard;
  if (status == NBUF_OK) status = guard_js_memory(slot, &guard);
  if (status == NBUF_OK) {
    slot->lease->retain();
    status = core::make_view_exporter(slot->lease, layout.spec,
                                      call.integer(2) == 1 ? NBUF_READONLY : 0, &exporter,
                                      &call.env->error, guard);
  }
  return status == NBUF_OK ? external_of(call.env, exporter) : failed(call.env, status);
}

// What exportBlock wants to know of a slot's block.
napi_value block_key(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  Slot* slot = call.slot(0);
  napi_value out = nullptr;
  napi_create_bigint_uint64(
      raw, slot != nullptr && slot->block != nullptr ? slot->block->key : 0, &out);
  return out;
}

// block key (a bigint), the ArrayBuffer itself
napi_value export_block(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  uint64_t key = 0;
  bool lossless;
  napi_get_value_bigint_uint64(raw, call.argv[0], &key, &lossless);
  nbuf_exporter* exporter;
  nbuf_status status = export_buffer(call.env, key, call.argv[1], &exporter);
  return status == NBUF_OK ? external_of(call.env, exporter) : failed(call.env, status);
}

}  // namespace

const Function kExportFunctions[] = {
    {"exportArray", export_array}, {"exportView", export_view}, {"blockKey", block_key},
    {"exportBlock", export_block}, {nullptr, nullptr},
};

}  // namespace nbuf::binding
