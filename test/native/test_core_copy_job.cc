// test_core_copy_job.cc - the chunks of one copy on several threads: each byte is written
// by one of them (ThreadSanitizer sees it), and the result is the model's.
#include "core/copy_job.h"

#include <atomic>
#include <numeric>
#include <thread>

#include "copy_fixture.h"

using namespace nbuf::core;

extern "C" {
const char* __asan_default_options() { return "allocator_may_return_null=1"; }
const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
}

namespace {

constexpr int kThreads = 3;

// Takes chunks from `first` to `end` in the order of who comes first.
void run_on_threads(const CopyJob& job, int64_t first, int64_t end) {
  std::atomic<int64_t> next{first};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++)
    threads.emplace_back([&] {
      // Relaxed: only who gets which chunk; the elements are handed over by join.
      for (;;) {
        const int64_t chunk = next.fetch_add(1, std::memory_order_relaxed);
        if (chunk >= end) return;
        job.run(chunk);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

void run_all(const CopyJob& job) {
  if (job.barrier() > 0) run_on_threads(job, 0, job.barrier());
  run_on_threads(job, job.barrier(), job.chunk_count());
}

Status prepare(CopyJob* job, const CopyCase& c, int64_t chunk_bytes,
               nbuf_error* error = nullptr) {
  return job->prepare(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                      {c.swap}, error, chunk_bytes);
}

std::unique_ptr<CopyCase> random_case(Random& random, const Fenced& memory) {
  for (;;) {
    auto c = std::make_unique<CopyCase>();
    c->itemsize = random.pick({1, 2, 3, 8, 16});
    for (int64_t i = random.between(1, 4); i > 0; i--)
      c->shape.push_back(random.between(1, 12));
    c->dst.strides = separate_strides(random, *c);
    for (int64_t& stride : c->dst.strides)
      if (random.chance(10)) stride = random.pick({0, 0, 1});
    c->src.strides = separate_strides(random, *c);
    for (int64_t& stride : c->src.strides)
      if (random.chance(10)) stride = 0;
    bool is_placed = true;
    for (TestSide* side : {&c->dst, &c->src})
      is_placed = is_placed && (random.chance(30) ? place_levels : place_direct)(
                                   random, *c, side, memory);
    if (is_placed) return c;
  }
}

struct Seen {
  int64_t many = 0, barriers = 0, nothing = 0;
};

void jobs(uint64_t seed) {
  Fenced memory(1 << 15);
  Seen seen;
  for (uint64_t last = seed + 700; seed < last; seed++) {
    Random random(seed);
    const auto c = random_case(random, memory);
    memory.scribble(random);
    std::vector<char> expected = memory.content();
    const std::vector<char> before = expected;
    model_copy(*c, offsets_of(*c, c->dst, memory), offsets_of(*c, c->src, memory),
               expected, before);
    CopyJob job;
    CHECK(prepare(&job, *c, random.pick({64, 300, 2000})) == NBUF_OK);
    seen.many += job.chunk_count() - job.barrier() > kThreads ? 1 : 0;
    seen.barriers += job.barrier() > 0 ? 1 : 0;
    run_all(job);
    CHECK(std::memcmp(memory.begin(), expected.data(), memory.size()) == 0);
    stop_on_failure("core_copy_job", seed);
  }
  CHECK(seen.many > 100 && seen.barriers > 100);
}

// Chunks are of about the size asked for, and are the whole copy together.
void sizes(uint64_t seed) {
  std::vector<char> to(1 << 22), from(1 << 22);
  for (uint64_t last = seed + 200; seed < last; seed++) {
    Random random(seed);
    CopyCase c;
    c.itemsize = random.pick({1, 3, 8});
    c.shape = {random.between(1, 30), random.between(1, 30), random.between(1, 100)};
    c.dst.strides = separate_strides(random, c);
    c.src.strides = separate_strides(random, c);
    c.dst.first = to.data() + to.size() / 2;
    c.src.first = from.data() + from.size() / 2;
    CopyJob job;
    const int64_t target = random.pick({100, 1000, 10000});
    CHECK(prepare(&job, c, target) == NBUF_OK && job.barrier() == 0);
    int64_t sum = 0;
    for (int64_t i = 0; i < job.chunk_count(); i++) {
      CHECK(job.bytes_of(i) > 0 && job.bytes_of(i) <= target);
      sum += job.bytes_of(i);
    }
    CHECK(sum == c.size() * c.itemsize);
    CHECK(job.chunk_count() <= 1 + 60 * sum / target);
    stop_on_failure("core_copy_job", seed);
  }
}

// The last element wins on every thread count: dst stands still along one axis.
void broadcast_destination() {
  std::vector<int64_t> source(100000), last(10);
  std::iota(source.begin(), source.end(), 0);
  CopyCase c;
  c.itemsize = 8;
  c.shape = {10000, 10};
  c.dst.strides = {0, 8};
  c.src.strides = {80, 8};
  c.dst.first = reinterpret_cast<char*>(last.data());
  c.src.first = reinterpret_cast<char*>(source.data());
  CopyJob job;
  CHECK(prepare(&job, c, 16) == NBUF_OK && job.chunk_count() == 5);
  run_all(job);
  for (size_t i = 0; i < last.size(); i++) CHECK(last[i] == source[99990 + i]);
}

// In place: through a temporary, in two phases.
void reversal() {
  std::vector<int32_t> numbers(100000);
  std::iota(numbers.begin(), numbers.end(), 0);
  CopyCase c;
  c.itemsize = c.swap = 4;
  c.shape = {100000};
  c.dst.strides = {4};
  c.src.strides = {-4};
  c.dst.first = reinterpret_cast<char*>(numbers.data());
  c.src.first = reinterpret_cast<char*>(&numbers.back());
  CopyJob job;
  CHECK(prepare(&job, c, 4096) == NBUF_OK);
  CHECK(job.barrier() > 50 && job.chunk_count() == 2 * job.barrier());
  run_all(job);
  for (int32_t i = 0; i < 100000; i++) {
    int32_t number = numbers[static_cast<size_t>(i)];
    char* bytes = reinterpret_cast<char*>(&number);
    std::swap(bytes[0], bytes[3]), std::swap(bytes[1], bytes[2]);
    CHECK(number == 99999 - i);
  }
}

// Jobs that are never run, run in part, or have nothing to run.
void ends() {
  char memory[64] = {0};
  CopyCase c;
  c.shape = {32};
  c.dst.strides = c.src.strides = {1};
  c.dst.first = c.src.first = memory;
  CopyJob same, dropped, empty, refused, lone;
  CHECK(prepare(&same, c, 8) == NBUF_OK && same.chunk_count() == 0);
  c.src.strides = {-1};
  c.src.first = memory + 31;
  CHECK(prepare(&dropped, c, 8) == NBUF_OK && dropped.barrier() > 0);
  dropped.run(0);
  c.shape = {0};
  CHECK(prepare(&empty, c, 8) == NBUF_OK && empty.chunk_count() == 0);
  c.shape = {INT64_MAX};
  c.itemsize = 2;
  nbuf_error error = no_error();
  CHECK(prepare(&refused, c, 8, &error) == NBUF_ERR_OUT_OF_RANGE);
  c.shape.clear();
  c.itemsize = 20;
  CHECK(prepare(&lone, c, 8) == NBUF_OK && lone.chunk_count() == 1 + lone.barrier());
  CHECK(lone.bytes_of(0) == 20);
  same.finish(), same.finish();
}

// Two axes over the same few bytes: nobody can wait for the last element.
void tangle() {
  constexpr int64_t kSize = 1 << 20;
  std::vector<char> memory(2 * kSize);
  char item = 5;
  CopyCase c;
  c.shape = {kSize, kSize};
  c.dst.strides = {1, 1};
  c.dst.first = memory.data();
  c.src.strides = {0, 0};
  c.src.first = &item;
  CopyJob job;
  CHECK(prepare(&job, c, kSize) == NBUF_OK && job.chunk_count() == 1);
  const std::atomic<bool> stop{true};
  job.run(0, &stop);
  CHECK(memory.front() == 5 && memory.back() == 0);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_copy_job");
  jobs(seed);
  sizes(seed);
  broadcast_destination();
  reversal();
  ends();
  tangle();
  return check_result("core_copy_job");
}
