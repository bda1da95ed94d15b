// test_core_chunk_threads.cc - every chunk once, phases in order, one end; cancelled at
// any time, on a system without threads, and with several listeners at it. Run under
// ThreadSanitizer.
#include "core/chunk_threads.h"

#include <atomic>
#include <memory>
#include <thread>

#include "core_fixture.h"

using namespace nbuf::core;
using std::chrono::nanoseconds;

namespace {

// Work that fills arrays without atomics, so that a missing order between chunks, phases,
// finish and join is a data race. (Its own counters are relaxed: they order nothing.)
struct Job {
  std::vector<int> seen[2];
  std::vector<int64_t> first;  // what phase 0 leaves for phase 1
  int64_t expected = 0, unit = 1;
  int finishes = 0;
  std::atomic<bool> saw_half{false};  // phase 1 began before phase 0 was done
  bool was_running = false;           // when finish was called
  std::atomic<int> running{0}, ends{0}, notes{0};
  ChunkThreads threads;
  nanoseconds pause{0};
  int64_t cancel_at = -1;  // the chunk that cancels the work itself

  Job(int64_t a, int64_t b) {
    seen[0].resize(static_cast<size_t>(a));
    seen[1].resize(static_cast<size_t>(b));
    first.resize(static_cast<size_t>(a));
  }
  ChunkWork work() {
    ChunkWork made;
    made.context = this;
    made.phase_count = 2;
    made.counts[0] = static_cast<int64_t>(seen[0].size());
    made.counts[1] = static_cast<int64_t>(seen[1].size());
    made.run = [](void* self, int32_t phase, int64_t chunk) {
      return static_cast<Job*>(self)->run(phase, chunk);
    };
    made.finish = [](void* self) { static_cast<Job*>(self)->finish(); };
    return made;
  }
  ChunkThreads::Listener listener(nanoseconds interval) {
    return {[](void* self) { static_cast<Job*>(self)->hear(); }, this, interval};
  }
  int64_t run(int32_t phase, int64_t chunk) {
    running.fetch_add(1, std::memory_order_relaxed);
    seen[phase][static_cast<size_t>(chunk)]++;
    if (phase == 0) first[static_cast<size_t>(chunk)] = chunk + 1;
    if (phase == 1)
      for (const int64_t value : first)
        if (value == 0) saw_half.store(true, std::memory_order_relaxed);
    if (pause.count() > 0) std::this_thread::sleep_for(pause);
    if (chunk == cancel_at) threads.cancel();
    running.fetch_sub(1, std::memory_order_relaxed);
    return unit;
  }
  void finish() {
    was_running = running.load(std::memory_order_relaxed) != 0;
    for (const int64_t value : first) expected += value;  // reads what every chunk wrote
    finishes++;
  }
  void hear() {
    notes.fetch_add(1, std::memory_order_relaxed);
    const ChunkThreads::State state = threads.state();
    if (state.has_ended) ends.fetch_add(1, std::memory_order_relaxed);
  }
  int64_t total() const { return static_cast<int64_t>(seen[0].size() + seen[1].size()); }
  int64_t ran() const {
    int64_t sum = 0;
    for (const auto& phase : seen)
      for (const int times : phase) {
        CHECK(times <= 1);
        sum += times;
      }
    return sum;
  }
};

void wait_for_end(Job& job) {
  while (!job.threads.state().has_ended) std::this_thread::yield();
}

void all_chunks(Random& random) {
  Job job(random.pick({0, 0, 1, 5, 40}), random.pick({0, 1, 7, 60}));
  const auto threads = static_cast<int32_t>(random.between(1, 6));
  CHECK(job.threads.start(job.work(), threads, job.listener(nanoseconds{0}), nullptr) ==
        NBUF_OK);
  CHECK(job.threads.count() >= 1 && job.threads.count() <= threads);
  if (random.chance(50)) wait_for_end(job);
  job.threads.join();
  const ChunkThreads::State state = job.threads.state();
  CHECK(state.has_ended && state.is_complete && state.bytes == job.total());
  CHECK(job.ran() == job.total() && !job.saw_half);
  CHECK(job.finishes == 1 && !job.was_running && job.ends.load() == 1 &&
        job.notes.load() == 1);
  job.threads.cancel();  // too late to change anything
  CHECK(job.threads.state().is_complete);
}

void cancelled(Random& random) {
  Job job(random.pick({0, 3, 30}), random.pick({3, 50}));
  job.pause = nanoseconds{random.pick({0, 1000, 100000})};
  if (random.chance(40)) job.cancel_at = random.between(0, 20);
  CHECK(job.threads.start(job.work(), 4, job.listener(nanoseconds{0}), nullptr) ==
        NBUF_OK);
  std::thread other;
  if (random.chance(50)) other = std::thread([&job] { job.threads.cancel(); });
  if (random.chance(70))
    std::this_thread::sleep_for(nanoseconds{random.between(0, 300000)});
  job.threads.cancel();
  job.threads.join();
  if (other.joinable()) other.join();
  const ChunkThreads::State state = job.threads.state();
  CHECK(state.has_ended && state.bytes == job.ran());
  CHECK(state.is_complete == (job.ran() == job.total()) && !job.saw_half);
  CHECK(job.finishes == 1 && !job.was_running && job.ends.load() == 1);
}

// One chunk takes for ever (in its eyes): the others wait for the phase, and are let go.
void cancelled_while_they_wait() {
  Job job(2, 20);
  job.pause = std::chrono::milliseconds(20);
  CHECK(job.threads.start(job.work(), 6, job.listener(nanoseconds{0}), nullptr) ==
        NBUF_OK);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  job.threads.cancel();
  job.threads.join();
  CHECK(job.ran() == 2 && !job.threads.state().is_complete);
}

void progress() {
  Job job(0, 30);
  job.unit = 1000;
  job.pause = std::chrono::milliseconds(1);
  CHECK(job.threads.start(job.work(), 2, job.listener(std::chrono::milliseconds(4)),
                          nullptr) == NBUF_OK);
  int64_t before = 0;
  while (!job.threads.state().has_ended) {
    const int64_t bytes = job.threads.state().bytes;
    CHECK(bytes >= before && bytes <= 30000);
    before = bytes;
  }
  job.threads.join();
  CHECK(job.threads.state().bytes == 30000);
  // 15 ms and more of chunks, one word in 4 ms at most, and the end.
  CHECK(job.notes.load() >= 2 && job.ends.load() == 1);
}

// ---- a system that has no thread to give ----

int remaining;

bool start_some(Thread* thread, void (*run)(void*), void* context) {
  return remaining-- > 0 && thread->start(run, context);
}

void few_threads() {
  for (const int available : {1, 2, 3}) {
    Job job(5, 9);
    remaining = available;
    CHECK(job.threads.start(job.work(), 4, job.listener(nanoseconds{0}), nullptr,
                            start_some) == NBUF_OK);
    CHECK(job.threads.count() == available);
    job.threads.join();
    CHECK(job.ran() == 14 && job.threads.state().is_complete);
  }
  Job none(5, 9);
  nbuf_error error = no_error();
  remaining = 0;
  CHECK(none.threads.start(none.work(), 4, none.listener(nanoseconds{0}), &error,
                           start_some) == NBUF_ERR_NOMEM);
  CHECK_TEXT(error.message, "no thread to give");
  CHECK(none.ran() == 0 && none.finishes == 0 && none.notes.load() == 0);
}

}  // namespace

int main() {
  const uint64_t first = first_seed("test_core_chunk_threads");
  for (uint64_t seed = first; seed < first + 300; seed++) {
    Random random(seed);
    all_chunks(random);
    cancelled(random);
    stop_on_failure("test_core_chunk_threads", seed);
  }
  cancelled_while_they_wait();
  progress();
  few_threads();
  return check_result("test_core_chunk_threads");
}
