// Memory written to files by a thread of libuv's pool: without a copy, and without an
// ArrayBuffer that somebody could keep.
#include <new>

#include "convert.h"
#include "core/file_output.h"
#include "functions.h"

namespace nbuf::binding {
namespace {

struct Write {
  napi_async_work work = nullptr;
  napi_deferred promise = nullptr;
  core::Provider* provider = nullptr;  // retained: its memory stays whatever happens
  const char* data = nullptr;
  int64_t size = 0;
  int fd = -1;
  int problem = 0;  // errno
};

void run(napi_env, void* data) {
  auto* write = static_cast<Write*>(data);
  write->problem = core::write_bytes(write->fd, write->data, write->size);
}

void finish(napi_env raw, napi_status, void* data) {
  auto* write = static_cast<Write*>(data);
  // Fails where the environment ends: nobody waits for it any more.
  napi_resolve_deferred(raw, write->promise, number(raw, write->problem));
  napi_delete_async_work(raw, write->work);
  nbuf_provider* pub = &write->provider->pub;
  pub->ops->release(pub);
  delete write;
}

// Queues the write; the promise, or nullptr with nothing kept.
napi_value queue(napi_env raw, Write* write) {
  napi_value promise = nullptr;
  if (napi_create_promise(raw, &write->promise, &promise) != napi_ok ||
      napi_create_async_work(raw, nullptr, text(raw, "nbuf.write"), run, finish, write,
                             &write->work) != napi_ok)
    return nullptr;
  if (napi_queue_async_work(raw, write->work) == napi_ok) return promise;
  napi_delete_async_work(raw, write->work);
  return nullptr;
}

nbuf_status check_range(EnvData* env, const Slot* slot, int64_t offset, int64_t size) {
  if (slot == nullptr || slot->provider == nullptr)
    return nbuf_fail(&env->error, NBUF_ERR_RELEASED, "the provider was released");
  // Memory that JavaScript can free must not be used off its thread.
  if ((slot->provider->pub.flags & NBUF_BORROWED) != 0)
    return nbuf_fail(&env->error, NBUF_ERR_UNSUPPORTED, "the memory is not pinned");
  if (core::is_indirect(*slot->provider->memory))
    return nbuf_fail(&env->error, NBUF_ERR_SUBOFFSETS, "a table has no elements");
  const int64_t all = slot->provider->memory->block.size;
  if (offset < 0 || size < 0 || offset > all || size > all - offset)
    return nbuf_fail(&env->error, NBUF_ERR_BOUNDS, "outside the memory");
  return NBUF_OK;
}

// slot, byte offset in the block, bytes, file descriptor; a promise of 0 or an errno.
napi_value write_block(napi_env raw, napi_callback_info info) {
  Call<4> call(raw, info);
  drain(call.env);
  Slot* slot = call.slot(0);
  int64_t offset = -1, size = -1;
  napi_get_value_int64(raw, call.argv[1], &offset);
  napi_get_value_int64(raw, call.argv[2], &size);
  const nbuf_status status = check_range(call.env, slot, offset, size);
  if (status != NBUF_OK) return failed(call.env, status);
  auto* write = new (std::nothrow) Write;
  if (write == nullptr) return failed(call.env, NBUF_ERR_NOMEM);
  write->provider = slot->provider;
  write->data = static_cast<const char*>(slot->provider->memory->block.base) + offset;
  write->size = size;
  write->fd = call.integer(3);
  nbuf_provider* pub = &slot->provider->pub;
  pub->ops->retain(pub);
  const napi_value promise = queue(raw, write);
  if (promise != nullptr) return promise;
  pub->ops->release(pub);
  delete write;
  return failed(call.env, NBUF_ERR_NOMEM);
}

// File descriptor, bytes; 0 or an errno.
napi_value reserve_space(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  int64_t bytes = 0;
  napi_get_value_int64(raw, call.argv[1], &bytes);
  return number(raw, core::reserve_space(call.integer(0), bytes));
}

}  // namespace

const Function kFileFunctions[] = {
    {"writeBlock", write_block},
    {"reserveSpace", reserve_space},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
