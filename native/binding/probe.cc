#include "probe.h"

#include <cstring>

#include "convert.h"
#include "functions.h"

namespace nbuf::binding {
namespace {

template <typename T>
T pointer(napi_env env, napi_value value) {
  uint64_t bits = 0;
  bool lossless;
  napi_get_value_bigint_uint64(env, value, &bits, &lossless);
  return reinterpret_cast<T>(static_cast<uintptr_t>(bits));
}

napi_value address(napi_env env, const void* value) {
  napi_value out = nullptr;
  napi_create_bigint_uint64(env, reinterpret_cast<uintptr_t>(value), &out);
  return out;
}

int64_t integer64(napi_env env, napi_value value) {
  int64_t out = 0;
  napi_get_value_int64(env, value, &out);
  return out;
}

// External -> the exporter's address, 0 unless it has nbuf's tag
napi_value open(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  napi_valuetype type = napi_undefined;
  bool is_tagged = false;
  void* data = nullptr;
  if (napi_typeof(raw, call.argv[0], &type) == napi_ok && type == napi_external &&
      napi_check_object_type_tag(raw, call.argv[0], &nbuf_type_tag, &is_tagged) ==
          napi_ok &&
      is_tagged)
    napi_get_value_external(raw, call.argv[0], &data);
  return address(raw, data);
}

// ArrayBuffer -> where its bytes are
napi_value locate(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  void* data = nullptr;
  size_t size = 0;
  napi_get_arraybuffer_info(raw, call.argv[0], &data, &size);
  return address(raw, data);
}

// address, bytes -> an ArrayBuffer with a copy of them
napi_value peek(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  const auto size = static_cast<size_t>(integer64(raw, call.argv[1]));
  void* data = nullptr;
  napi_value out = nullptr;
  if (napi_create_arraybuffer(raw, size, &data, &out) != napi_ok) return undefined(raw);
  if (size > 0) std::memcpy(data, pointer<const void*>(raw, call.argv[0]), size);
  return out;
}

// address, bytes, 1 to write each byte back: touches one byte of every 4 KiB, and the
// last
napi_value touch(napi_env raw, napi_callback_info info) {
  Call<3> call(raw, info);
  auto* at = pointer<volatile char*>(raw, call.argv[0]);
  const int64_t size = integer64(raw, call.argv[1]);
  const bool writes = call.integer(2) == 1;
  const int64_t pages = (size + 4095) / 4096;
  for (int64_t k = 0; k <= pages && size > 0; k++) {
    const int64_t where = k < pages ? k * 4096 : size - 1;
    const char byte = at[where];
    if (writes) at[where] = byte;
  }
  return undefined(raw);
}

// acquire, exporter, request, out, error: all addresses -> status
napi_value ask(napi_env raw, napi_callback_info info) {
  Call<5> call(raw, info);
  const auto acquire = pointer<AcquireFunction>(raw, call.argv[0]);
  return number(raw, acquire(pointer<nbuf_exporter*>(raw, call.argv[1]),
                             pointer<const nbuf_request*>(raw, call.argv[2]),
                             pointer<nbuf_provider**>(raw, call.argv[3]),
                             pointer<nbuf_error*>(raw, call.argv[4])));
}

// value, request, out, error -> status of nbuf_acquire_value
napi_value ask_any(napi_env raw, napi_callback_info info) {
  Call<4> call(raw, info);
  return number(
      raw, ask_value(raw, call.argv[0], pointer<const nbuf_request*>(raw, call.argv[1]),
                     pointer<nbuf_provider**>(raw, call.argv[2]),
                     pointer<nbuf_error*>(raw, call.argv[3])));
}

// function, object, times, threads: 0 for this one -> 0 when threads are short
napi_value call_function(napi_env raw, napi_callback_info info) {
  Call<4> call(raw, info);
  Storm storm;
  storm.call = pointer<EndFunction>(raw, call.argv[0]);
  storm.object = pointer<void*>(raw, call.argv[1]);
  storm.rounds = integer64(raw, call.argv[2]);
  return number(raw, run_storm(&storm, call.integer(3)) ? 1 : 0);
}

// acquire, exporter, request, model or 0, where providers are kept or 0, rounds, threads
// -> [done, refused, different, last status]
napi_value storm_exporter(napi_env raw, napi_callback_info info) {
  Call<7> call(raw, info);
  Storm storm;
  storm.acquire = pointer<AcquireFunction>(raw, call.argv[0]);
  storm.exporter = pointer<nbuf_exporter*>(raw, call.argv[1]);
  storm.request = pointer<const nbuf_request*>(raw, call.argv[2]);
  storm.model = pointer<const nbuf_provider*>(raw, call.argv[3]);
  storm.keep = pointer<nbuf_provider**>(raw, call.argv[4]);
  storm.rounds = integer64(raw, call.argv[5]);
  run_storm(&storm, call.integer(6));
  const int64_t found[] = {storm.done.load(std::memory_order_relaxed),
                           storm.refused.load(std::memory_order_relaxed),
                           storm.different.load(std::memory_order_relaxed),
                           storm.status.load(std::memory_order_relaxed)};
  return number_array(raw, found, 4);
}

// ArrayBuffer -> the address of a page of its own with these bytes
napi_value page(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  void* data = nullptr;
  size_t size = 0;
  napi_get_arraybuffer_info(raw, call.argv[0], &data, &size);
  return address(raw, make_page(data, size));
}

napi_value seal(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  return boolean(raw, seal_page(pointer<void*>(raw, call.argv[0])));
}

}  // namespace

const Function kProbeFunctions[] = {
    {"probeOpen", open},
    {"probeLocate", locate},
    {"probePeek", peek},
    {"probeTouch", touch},
    {"probeAsk", ask},
    {"probeAskValue", ask_any},
    {"probeCall", call_function},
    {"probeStorm", storm_exporter},
    {"probePage", page},
    {"probeSeal", seal},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
