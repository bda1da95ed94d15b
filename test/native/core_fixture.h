// core_fixture.h - what the tests of the core share: seeded randomness, requests, counted
// memory.
#ifndef NBUF_TEST_CORE_FIXTURE_H
#define NBUF_TEST_CORE_FIXTURE_H

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "check.h"
#include "core/host_array.h"
#include "core/memory.h"
#include "core/provider.h"

// splitmix64: one word of state, good enough for test cases.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  int64_t between(int64_t low, int64_t high) {  // both included
    return low + static_cast<int64_t>(next() % (static_cast<uint64_t>(high - low) + 1));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  int64_t pick(std::initializer_list<int64_t> values) {
    return values.begin()[between(0, static_cast<int64_t>(values.size()) - 1)];
  }

 private:
  uint64_t state_;
};

// NBUF_SEED, or a new one; printed, so that a failure can be had again.
inline uint64_t first_seed(const char* test) {
  const char* given = std::getenv("NBUF_SEED");
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10)
                                         : static_cast<uint64_t>(now) % 1000000007u;
  std::printf("%s: NBUF_SEED=%llu\n", test, static_cast<unsigned long long>(seed));
  return seed;
}

// Ends the run at its first failing case, whose seed would drown otherwise.
inline void stop_on_failure(const char* test, uint64_t seed) {
  if (check_failures == 0) return;
  std::fprintf(stderr, "%s: NBUF_SEED=%llu brings this back\n", test,
               static_cast<unsigned long long>(seed));
  std::exit(1);
}

inline nbuf_error no_error() {
  nbuf_error error = NBUF_ERROR_INIT;
  return error;
}

inline nbuf_request request_of(uint32_t flags, const char* label = nullptr) {
  return {static_cast<uint32_t>(sizeof(nbuf_request)), flags, label};
}

// Bytes on the heap whose free function counts how often it is called.
struct CountedBytes {
  std::vector<char> bytes;
  int frees = 0;

  explicit CountedBytes(size_t size) : bytes(size) {}
  CountedBytes(const CountedBytes&) = delete;
  nbuf::core::Memory* adopt(uint32_t flags = 0) {
    nbuf::core::Memory* memory = nullptr;
    CHECK(nbuf::core::make_adopted_memory(
              bytes.data(), static_cast<int64_t>(bytes.size()), flags,
              [](void* self) { static_cast<CountedBytes*>(self)->frees++; }, this,
              &memory, nullptr) == NBUF_OK);
    return memory;
  }
};

#endif  // NBUF_TEST_CORE_FIXTURE_H
