#include "chunk_threads.h"

#include <algorithm>

namespace nbuf::core {

Status ChunkThreads::start(const ChunkWork& work, int32_t count, const Listener& listener,
                           Error* error, Start start_one) {
  work_ = work;
  listener_ = listener;
  noted_ = std::chrono::steady_clock::now();
  const int64_t most = std::max(work.counts[0], work.counts[1]);
  const int64_t wanted =
      std::max<int64_t>(1, std::min({int64_t{count}, int64_t{kMost}, most}));
  std::lock_guard<std::mutex> guard(mutex_);  // they begin when all are counted
  while (count_ < wanted) {
    Thread* thread = &threads_[count_];
    const bool is_started = start_one == nullptr ? thread->start(enter, this)
                                                 : start_one(thread, enter, this);
    if (!is_started) break;
    count_++;
  }
  active_ = count_;
  if (count_ > 0) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_NOMEM, "the system has no thread to give");
}

void ChunkThreads::enter(void* self) { static_cast<ChunkThreads*>(self)->work_on(); }

void ChunkThreads::work_on() {
  int32_t phase;
  int64_t chunk;
  while (take(&phase, &chunk)) {
    const int64_t bytes = work_.run(work_.context, phase, chunk);
    if (note(bytes)) listener_.notify(listener_.context);
  }
  leave();
}

bool ChunkThreads::take(int32_t* phase, int64_t* chunk) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (is_cancelled_ || phase_ == work_.phase_count) return false;
    if (next_ < work_.counts[phase_]) {
      *phase = phase_;
      *chunk = next_++;
      return true;
    }
    if (done_ == work_.counts[phase_]) {  // only a phase without chunks
      phase_++;
      next_ = done_ = 0;
    } else {
      changed_.wait(lock);
    }
  }
}

bool ChunkThreads::note(int64_t bytes) {
  std::lock_guard<std::mutex> guard(mutex_);
  bytes_ += bytes;
  done_++;
  if (done_ == work_.counts[phase_]) {
    phase_++;
    next_ = done_ = 0;
    changed_.notify_all();
  }
  if (listener_.interval.count() == 0) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now - noted_ < listener_.interval) return false;
  noted_ = now;
  return true;
}

void ChunkThreads::leave() {
  {
    std::lock_guard<std::mutex> guard(mutex_);
    if (--active_ > 0) return;
  }
  work_.finish(work_.context);
  {
    std::lock_guard<std::mutex> guard(mutex_);
    has_ended_ = true;
  }
  listener_.notify(listener_.context);
}

void ChunkThreads::cancel() {
  std::lock_guard<std::mutex> guard(mutex_);
  is_cancelled_ = true;  // who waits for the end of a phase is woken by its last chunk
}

ChunkThreads::State ChunkThreads::state() {
  std::lock_guard<std::mutex> guard(mutex_);
  return {bytes_, has_ended_, phase_ == work_.phase_count};
}

void ChunkThreads::join() {
  for (int32_t i = 0; i < count_; i++) threads_[i].join();
}

}  // namespace nbuf::core
