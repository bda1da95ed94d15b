#include "buffer_hold.h"

#include <new>

#include "convert.h"

namespace nbuf::binding {
namespace {

void list_exposed(BufferHold* hold) {
  std::lock_guard<std::mutex> guard(hold->env->holds_mutex);
  hold->next = hold->env->holds;
  if (hold->next != nullptr) hold->next->previous = hold;
  hold->env->holds = hold;
}

void unlist_exposed(BufferHold* hold) {
  std::lock_guard<std::mutex> guard(hold->env->holds_mutex);
  (hold->previous != nullptr ? hold->previous->next : hold->env->holds) = hold->next;
  if (hold->next != nullptr) hold->next->previous = hold->previous;
}

// Both the backing store and the object are gone: so are all uses of the bytes.
void settle(BufferHold* hold) {
  core::Provider* keeper;
  core::Lease* lease;
  core::Memory* memory;
  {
    std::lock_guard<std::mutex> guard(hold->mutex);
    keeper = hold->keeper;
    lease = hold->lease;
    // With leak the memory's count is never dropped, and so neither are its bytes.
    memory = hold->leak.load(std::memory_order_relaxed) ? nullptr : hold->memory;
    hold->keeper = nullptr;
    hold->lease = nullptr;
    hold->memory = nullptr;
  }
  if (lease != nullptr) {
    lease->move_to(nullptr);
    lease->release();
  }
  if (keeper != nullptr) core::release(keeper);
  if (memory != nullptr && hold->is_waiting.load(std::memory_order_relaxed))
    memory->is_waiting.store(false, std::memory_order_relaxed);  // only an account
  core::release(memory);
  if (hold->is_waiting.load(std::memory_order_relaxed))
    hold->env->returned.fetch_add(hold->size, std::memory_order_relaxed);  // a counter
  // A block that nobody uses any more only waits for this news.
  if (hold->exposed.load(std::memory_order_relaxed)) {
    unlist_exposed(hold);
    defer(hold->env, {nullptr, nullptr, hold->block});
  }
  release(hold->env);
}

void stop_waiting(BufferHold* hold) {
  // Acquire-release: settle() sees what the other finalizer's thread wrote.
  if (hold->waits.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  settle(hold);
  drop_hold(hold);
}

// At the end of a worker Node detaches external buffers and runs this before all hooks;
// memory that .transfer() moved, perhaps to another thread, looks the same. Node calls it
// on the environment's own thread with a live env (never Deno, which is_node excludes),
// so it may ask whether JavaScript could still run: not while the environment is being
// taken down.
bool is_worker_ending(napi_env raw, const EnvData* env) {
  if (!env->is_worker || !env->is_node) return false;
  if (env->exiting || env->ended) return true;
  napi_value value, copy;
  return napi_get_undefined(raw, &value) != napi_ok ||
         napi_coerce_to_bool(raw, value, &copy) != napi_ok;
}

void backing_store_gone(napi_env raw, void*, void* hint) {
  auto* hold = static_cast<BufferHold*>(hint);
  if (hold->exposed.load(std::memory_order_acquire) &&
      !hold->unmoved.load(std::memory_order_acquire) && is_worker_ending(raw, hold->env))
    hold->leak.store(true, std::memory_order_relaxed);  // before stop_waiting's release
  stop_waiting(hold);
}

void object_gone(napi_env, void* data, void*) {
  auto* hold = static_cast<BufferHold*>(data);
  hold->object_gone.store(true, std::memory_order_release);
  stop_waiting(hold);
}

}  // namespace

void drop_hold(BufferHold* hold) {
  if (hold == nullptr) return;
  // Acquire-release: the deleting thread sees the other's last use.
  if (hold->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete hold;
}

nbuf_status create_buffer(EnvData* env, core::Memory* memory, BufferHold** out,
                          napi_value* buffer) {
  // Asked first: Node 20 calls the finalizer also when it refuses a size.
  if (memory->block.size > env->max_buffer)
    return nbuf_fail(
        &env->error, NBUF_ERR_UNSUPPORTED,
        "this runtime cannot wrap %lld bytes in an ArrayBuffer: use elements or copies",
        static_cast<long long>(memory->block.size));
  auto* hold = new (std::nothrow) BufferHold;
  if (hold == nullptr) return core::out_of_memory(&env->error);
  hold->env = env;
  hold->memory = memory;
  hold->size = memory->block.size;
  core::retain(memory);
  retain(env);
  const napi_status made = napi_create_external_arraybuffer(
      env->env, memory->block.base, static_cast<size_t>(hold->size), backing_store_gone,
      hold, buffer);
  if (made == napi_ok) {
    *out = hold;
    return NBUF_OK;
  }
  napi_value ignored;
  napi_get_and_clear_last_exception(env->env, &ignored);
  core::release(memory);
  release(env);
  delete hold;
  if (made == napi_no_external_buffers_allowed)
    return nbuf_fail(
        &env->error, NBUF_ERR_EXTERNAL_FORBIDDEN,
        "this runtime forbids external ArrayBuffers (V8 sandbox): request a copy");
  return nbuf_fail(&env->error, NBUF_ERR_UNSUPPORTED,
                   "this runtime cannot wrap %lld bytes in an ArrayBuffer (status %d)",
                   static_cast<long long>(memory->block.size), static_cast<int>(made));
}

nbuf_status watch_object(EnvData* env, BufferHold* hold, napi_value buffer) {
  // Relaxed: the backing store cannot be gone while we hold the object.
  hold->waits.fetch_add(1, std::memory_order_relaxed);
  if (napi_add_finalizer(env->env, buffer, hold, object_gone, nullptr, nullptr) ==
      napi_ok) {
    hold->exposed.store(true, std::memory_order_release);
    list_exposed(hold);
    return NBUF_OK;
  }
  hold->waits.fetch_sub(1, std::memory_order_relaxed);
  return nbuf_fail(&env->error, NBUF_ERR_NOMEM, "the ArrayBuffer cannot be watched");
}

void give_back_bytes(BufferHold* hold) {
  core::Memory* memory;
  {
    std::lock_guard<std::mutex> guard(hold->mutex);
    memory = hold->memory;
    hold->memory = nullptr;
  }
  core::release(memory);
}

namespace {

// Whom a lease of the whole buffer asks, newest first: the buffer is writable, so rather
// somebody who may write than the provider of a readonly view; and rather a provider of
// the array, which counts and names whoever asks, than a window that only keeps its
// memory. Not all are looked at: there may be very many. NULL without users.
core::Provider* serving(Slot* users) {
  core::Provider* best = nullptr;
  int most = -1, looked_at = 0;
  for (Slot* slot = users; slot != nullptr && most < 3 && looked_at < 64;
       slot = slot->next) {
    const bool is_writable = (slot->provider->pub.flags & NBUF_READONLY) == 0;
    const int worth = (is_writable ? 2 : 0) + (slot->provider->host != nullptr ? 1 : 0);
    if (worth > most) best = slot->provider;
    if (worth > most) most = worth;
    looked_at++;
  }
  return best;
}

}  // namespace

void part_lease(BufferHold* hold) {
  std::lock_guard<std::mutex> guard(hold->mutex);
  if (hold->lease != nullptr) hold->lease->move_to(hold->keeper);
}

void hand_over(BufferHold* hold, core::Provider* from, Slot* others) {
  core::Memory* dropped = nullptr;
  {
    std::lock_guard<std::mutex> guard(hold->mutex);
    core::Provider* next = others != nullptr ? serving(others) : hold->keeper;
    if (hold->lease != nullptr) hold->lease->move_to(next);
    // A peer's memory is one reference of `from`'s own provider: without this its lock
    // stayed. Memory of our own locks nothing, while `next` may be a peer's window of it.
    if (from->memory->is_foreign && hold->memory == from->memory && next != nullptr &&
        next->memory != from->memory) {
      dropped = hold->memory;
      hold->memory = next->memory;
      core::retain(hold->memory);
    }
  }
  core::release(dropped);
}

bool keep_locked(BufferHold* hold, core::Provider* provider) {
  std::lock_guard<std::mutex> guard(hold->mutex);
  if (hold->keeper != nullptr) return false;
  core::unlock_layout(provider);
  if (provider->host != nullptr) core::relabel_in_host(provider, "ArrayBuffer");
  hold->keeper = provider;
  return true;
}

namespace {

// An attached buffer whose providers are all gone (it could not be detached) still has
// its memory: a provider of that, which locks nothing.
core::Provider* bytes_keeper(BufferHold* hold) {
  const nbuf_request request = {sizeof request, NBUF_SIMPLE | NBUF_LAYOUT_SNAPSHOT,
                                nullptr};
  core::LayoutSpec spec;
  spec.ndim = 1;
  spec.shape = &hold->size;
  core::Provider* made = nullptr;
  core::retain(hold->memory);
  if (core::provide_memory(hold->memory, spec, 0, &request, nullptr, &made, nullptr) !=
      NBUF_OK)
    core::release(hold->memory);
  return made;
}

}  // namespace

nbuf_status lease_buffer(EnvData* env, BufferHold* hold, Slot* users,
                         nbuf_exporter** out) {
  core::Provider* user = serving(users);
  core::Lease* lease;
  {
    std::lock_guard<std::mutex> guard(hold->mutex);
    if (user == nullptr && hold->keeper == nullptr) hold->keeper = bytes_keeper(hold);
    if (user == nullptr) user = hold->keeper;
    if (hold->lease == nullptr && user != nullptr)
      hold->lease = core::Lease::make(user);
    else if (hold->lease != nullptr)
      hold->lease->move_to(user);
    lease = hold->lease;
    if (lease != nullptr) lease->retain();
  }
  if (lease == nullptr)
    return nbuf_fail(&env->error, NBUF_ERR_RELEASED,
                     "the ArrayBuffer's providers were released");
  core::LayoutSpec spec;
  spec.ndim = 1;
  spec.shape = &hold->size;
  return core::make_view_exporter(lease, spec, 0, out, &env->error);
}

}  // namespace nbuf::binding
