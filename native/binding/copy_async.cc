// Who does what
//   JavaScript's thread  prepares the copy, starts the threads, hears of them through a
//                        threadsafe function, which keeps the event loop alive, and joins
//                        them. Everything here but notify() and run_chunk() is on it.
//   the copy's threads   run chunks and call notify(): no Node-API but that one call.
//
// End of a copy, whichever comes first: hear() after the last chunk; the environment's
// cleanup hook (terminate, exit of a worker), which runs before Node frees the threadsafe
// function; that one's finalizer, where a runtime has another order. process.exit() on
// the main thread runs none of them: then the threads write to memory that stays until
// the process is gone.
#include "copy_async.h"

#include <algorithm>
#include <new>

#include "core/chunk_threads.h"
#include "core/copy_job.h"
#include "functions.h"
#include "side.h"

namespace nbuf::binding {

struct AsyncCopy {
  EnvData* env = nullptr;                         // counted
  uint32_t index = 0;                             // in env->copies
  core::Provider *to = nullptr, *from = nullptr;  // counted: their memory stays locked
  core::CopyJob job;
  core::ChunkThreads threads;
  int64_t work = 0;  // bytes of all chunks
  napi_threadsafe_function function = nullptr;
  // A call of hear() is on its way that will still read the state.
  std::atomic<bool> is_noted{false};
  bool is_over = false;  // joined, locks returned
  std::atomic<bool> is_cancelled{false};

  void cancel() {
    // Relaxed: a chunk that sees it ends early, and hands nothing over by that.
    is_cancelled.store(true, std::memory_order_relaxed);
    threads.cancel();
  }
};

namespace {

// Between two words of progress, so that small chunks do not flood the event loop.
constexpr std::chrono::milliseconds kInterval{16};

void notify(void* data) {
  auto* copy = static_cast<AsyncCopy*>(data);
  // Acquire-release, as in hear(): if this finds true, hear()'s exchange comes after it
  // and sees what the state was here. The call may then be left out.
  if (copy->is_noted.exchange(true, std::memory_order_acq_rel)) return;
  // Where it answers napi_closing the environment ends, and is_noted, which stays true,
  // keeps every thread from calling again.
  napi_call_threadsafe_function(copy->function, nullptr, napi_tsfn_nonblocking);
}

int64_t run_chunk(void* data, int32_t phase, int64_t chunk) {
  const auto* copy = static_cast<AsyncCopy*>(data);
  const core::CopyJob& job = copy->job;
  const int64_t number = phase == 0 ? chunk : job.barrier() + chunk;
  job.run(number, &copy->is_cancelled);
  return job.bytes_of(number);
}

void finish_job(void* data) { static_cast<AsyncCopy*>(data)->job.finish(); }

// Returns the locks. The threads have been joined, or never started.
void let_go(AsyncCopy* copy) {
  copy->is_over = true;
  copy->env->copies.remove(copy->index);
  if (copy->to != nullptr) core::release(copy->to);
  if (copy->from != nullptr) core::release(copy->from);
}

void destroy(AsyncCopy* copy) {
  EnvData* env = copy->env;
  delete copy;
  release(env);
}

// The threadsafe function's finalizer; no Node-API in here.
void function_gone(napi_env, void* data, void*) {
  auto* copy = static_cast<AsyncCopy*>(data);
  if (!copy->is_over) {
    copy->cancel();
    copy->threads.join();
    let_go(copy);
  }
  destroy(copy);
}

// What `report` is told beside the part that is done.
enum class Stage : int32_t { running = 0, complete = 1, cancelled = 2 };

void call_report(napi_env raw, napi_value report, double part, Stage stage) {
  napi_value arguments[2], ignored;
  // Fails where the environment is being terminated: nobody waits any more.
  if (napi_create_double(raw, part, &arguments[0]) == napi_ok &&
      napi_create_int32(raw, static_cast<int32_t>(stage), &arguments[1]) == napi_ok)
    napi_call_function(raw, undefined(raw), report, 2, arguments, &ignored);
}

void hear(napi_env raw, napi_value report, void* data, void*) {
  auto* copy = static_cast<AsyncCopy*>(data);
  if (raw == nullptr || copy->is_over) return;  // the environment ends, or it is past
  copy->is_noted.exchange(false, std::memory_order_acq_rel);
  const core::ChunkThreads::State state = copy->threads.state();
  const double part = copy->work == 0 ? 0
                                      : static_cast<double>(state.bytes) /
                                            static_cast<double>(copy->work);
  if (!state.has_ended) {
    call_report(raw, report, part, Stage::running);
    return;
  }
  copy->threads.join();
  let_go(copy);
  const napi_threadsafe_function function = copy->function;
  call_report(raw, report, part, state.is_complete ? Stage::complete : Stage::cancelled);
  napi_release_threadsafe_function(function, napi_tsfn_release);
}

nbuf_status prepare(AsyncCopy* copy, EnvData* env, Slot* to_slot, Slot* from_slot) {
  Sides sides;
  nbuf_status status = sides.read(env, to_slot, from_slot, true);
  if (status != NBUF_OK) return status;
  const uint32_t flags = to_slot->provider->pub.flags | from_slot->provider->pub.flags;
  if ((flags & NBUF_BORROWED) != 0)
    return nbuf_fail(&env->error, NBUF_ERR_UNSUPPORTED, "the memory is not pinned");
  const core::LayoutSpec& spec = sides.to.spec();
  status = copy->job.prepare(spec.ndim, spec.shape, spec.itemsize, sides.to.core_side(),
                             sides.from.core_side(), {}, &env->error);
  if (status != NBUF_OK) return status;
  copy->to = to_slot->provider;
  copy->from = from_slot->provider;
  core::retain(copy->to);
  core::retain(copy->from);
  return NBUF_OK;
}

nbuf_status start(AsyncCopy* copy, int32_t threads, bool wants_progress) {
  core::ChunkWork work;
  work.context = copy;
  work.phase_count = 2;
  work.counts[0] = copy->job.barrier();
  work.counts[1] = copy->job.chunk_count() - copy->job.barrier();
  work.run = run_chunk;
  work.finish = finish_job;
  for (int64_t i = 0; i < copy->job.chunk_count(); i++)
    copy->work += copy->job.bytes_of(i);
  core::ChunkThreads::Listener listener;
  listener.notify = notify;
  listener.context = copy;
  if (wants_progress) listener.interval = kInterval;
  return copy->threads.start(work, threads, listener, &copy->env->error);
}

bool make_function(napi_env raw, napi_value report, AsyncCopy* copy) {
  return napi_create_threadsafe_function(
             raw, report, nullptr, text(raw, "nbuf.copyAsync"), 0, 1, copy, function_gone,
             copy, hear, &copy->function) == napi_ok;
}

// destination slot (layout 0), source slot (layout 1), threads, 1 for progress, report.
// The copy's number, for cancelCopy until report heard of its end.
napi_value copy_async(napi_env raw, napi_callback_info info) {
  Call<5> call(raw, info);
  EnvData* env = call.env;
  auto* copy = new (std::nothrow) AsyncCopy;
  if (copy == nullptr) return failed(env, NBUF_ERR_NOMEM);
  copy->env = env;
  retain(env);
  copy->index = env->copies.add(copy);
  nbuf_status status = prepare(copy, env, call.slot(0), call.slot(1));
  if (status == NBUF_OK && !make_function(raw, call.argv[4], copy))
    status = nbuf_fail(&env->error, NBUF_ERR_NOMEM, "no threadsafe function");
  if (status == NBUF_OK)
    status = start(copy, std::max(call.integer(2), 1), call.integer(3) == 1);
  if (status == NBUF_OK) return number(raw, static_cast<int32_t>(copy->index));
  let_go(copy);
  if (copy->function == nullptr)
    destroy(copy);
  else  // its finalizer destroys the copy
    napi_release_threadsafe_function(copy->function, napi_tsfn_release);
  return failed(env, status);
}

napi_value cancel_copy(napi_env raw, napi_callback_info info) {
  Call<1> call(raw, info);
  AsyncCopy* copy = call.env->copies.at(call.integer(0));
  if (copy != nullptr) copy->cancel();
  return number(raw, 0);
}

}  // namespace

void end_copies(EnvData* env) {
  const std::vector<AsyncCopy*> copies = env->copies.items();
  for (AsyncCopy* copy : copies)
    if (copy != nullptr) copy->cancel();
  for (AsyncCopy* copy : copies) {
    if (copy == nullptr) continue;
    copy->threads.join();
    let_go(copy);
    // On Node its own hook ran before this one, but its finalizer has not: it still is.
    napi_release_threadsafe_function(copy->function, napi_tsfn_release);
  }
}

const Function kAsyncFunctions[] = {
    {"copyAsync", copy_async},
    {"cancelCopy", cancel_copy},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
