// thread_fixture.h - what the tests with threads share.
#ifndef NBUF_TEST_THREAD_FIXTURE_H
#define NBUF_TEST_THREAD_FIXTURE_H

#include <atomic>
#include <thread>

#include "core/view_exporter.h"
#include "core_fixture.h"

// CHECK counts without a lock, so threads count here; main looks at it at the end.
inline std::atomic<int> thread_failures{0};

inline bool expect(bool ok, const char* what) {
  if (!ok && thread_failures++ < 20) std::fprintf(stderr, "failed: %s\n", what);
  return ok;
}

// Runs work(k) on `count` threads at once, and `meanwhile` on this one.
template <typename Work, typename Meanwhile>
void on_threads(int count, Work work, Meanwhile meanwhile) {
  std::vector<std::thread> threads;
  std::atomic<bool> go{false};
  for (int k = 0; k < count; k++)
    threads.emplace_back([&go, work, k] {
      while (!go) std::this_thread::yield();
      work(k);
    });
  go = true;
  meanwhile();
  for (std::thread& thread : threads) thread.join();
}

inline void yield_often(Random& random, int64_t most) {
  for (int64_t i = random.between(0, most); i > 0; i--) std::this_thread::yield();
}

// Memory that any thread may free.
struct SharedBytes {
  char bytes[240] = {};
  std::atomic<int> frees{0};

  nbuf::core::HostArray* make_array(int64_t rows = 4) {
    using namespace nbuf::core;
    const int64_t shape[] = {rows, 240 / rows};
    LayoutSpec spec;
    spec.ndim = 2;
    spec.shape = shape;
    Memory* memory = nullptr;
    HostArray* array = nullptr;
    CHECK(make_adopted_memory(
              bytes, 240, 0, [](void* self) { static_cast<SharedBytes*>(self)->frees++; },
              this, &memory, nullptr) == NBUF_OK);
    CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
    return array;
  }
};

// A layout torn between an old and a new one would not be consistent, and reading memory
// that was swapped away is what sanitizers are for.
inline void check_whole(const nbuf_provider& p) {
  expect(nbuf_validate(&p, nullptr) == NBUF_OK, "a consistent layout");
  expect(p.ndim != 2 || (p.strides[0] == p.shape[1] && p.strides[1] == 1), "strides");
  const auto* bytes = static_cast<const volatile char*>(p.buf);
  expect(bytes[0] == 0 && bytes[p.len - 1] == 0, "zeroed bytes");
}

inline nbuf::core::Provider* try_acquire(nbuf::core::HostArray* array, uint32_t flags,
                                         const char* label, nbuf_status* status) {
  const nbuf_request request = request_of(flags, label);
  nbuf::core::Provider* out;
  uint32_t epoch;
  *status = nbuf::core::acquire(array, &request, &out, &epoch, nullptr);
  expect((out != nullptr) == (*status == NBUF_OK), "a provider, or a status");
  return out;
}

#endif  // NBUF_TEST_THREAD_FIXTURE_H
