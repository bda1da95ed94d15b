// Threads of their own for work that comes in independent chunks: a long copy.
//
// One mutex guards everything that changes, for sections of a few instructions: a chunk
// takes a hundred microseconds and more, so it is hardly ever waited for, and no atomic
// has to be argued about. No chunk runs and no notification is sent under it.
#ifndef NBUF_CORE_CHUNK_THREADS_H
#define NBUF_CORE_CHUNK_THREADS_H

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "status.h"
#include "thread.h"

namespace nbuf::core {

// What is to be done: all chunks of the first phase, then all of the second, if any. All
// phases together take the same bytes.
struct ChunkWork {
  void* context = nullptr;
  int32_t phase_count = 1;  // 1 or 2
  int64_t counts[2] = {0, 0};
  // Any thread, several at once, each chunk once; the bytes that it moved.
  int64_t (*run)(void* context, int32_t phase, int64_t chunk) = nullptr;
  // After the last chunk, or the last one that still ran; no other thread is at it then.
  void (*finish)(void* context) = nullptr;
};

class ChunkThreads {
 public:
  static constexpr int32_t kMost = 64;

  // `notify` is called by the threads: once after the end, and before that at most every
  // `interval` (0: not at all). It may return after join() was called, but not after that
  // returned.
  struct Listener {
    void (*notify)(void* context) = nullptr;
    void* context = nullptr;
    std::chrono::nanoseconds interval{0};
  };

  // Replaces Thread::start in tests of a system that has no more threads.
  using Start = bool (*)(Thread*, void (*run)(void*), void* context);

  struct State {
    int64_t bytes;     // moved so far, of all phases together
    bool has_ended;    // no chunk runs any more, and none will
    bool is_complete;  // every chunk ran
  };

  ChunkThreads() = default;
  ChunkThreads(const ChunkThreads&) = delete;

  // On up to `count` (1 to kMost) threads, never more than a phase has chunks; fewer
  // where the system has no more to give, NOMEM (and nothing started) where it has none.
  // Once.
  Status start(const ChunkWork& work, int32_t count, const Listener& listener,
               Error* error, Start start_one = nullptr);

  // No chunk begins any more. Any thread, any number of times; also after the end.
  void cancel();
  State state();
  // Returns when the threads have ended, which after cancel() takes a chunk's time. Once,
  // after a successful start.
  void join();
  int32_t count() const { return count_; }

 private:
  static void enter(void* self);
  void work_on();
  bool take(int32_t* phase, int64_t* chunk);
  bool note(int64_t bytes);  // true when the listener should hear of it
  void leave();

  ChunkWork work_;     // constant after start
  Listener listener_;  // the same
  Thread threads_[kMost];
  int32_t count_ = 0;  // of threads; the starting thread's

  std::mutex mutex_;                 // guards all that follows
  std::condition_variable changed_;  // a phase is complete
  int32_t active_ = 0;               // threads that have not left
  int32_t phase_ = 0;
  int64_t next_ = 0, done_ = 0;  // chunks of this phase
  int64_t bytes_ = 0;
  bool is_cancelled_ = false, has_ended_ = false;
  std::chrono::steady_clock::time_point noted_;
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_CHUNK_THREADS_H
