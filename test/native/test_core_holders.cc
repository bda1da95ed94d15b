// test_core_holders.cc - who holds an array, and all arrays of the process, also while
// other threads acquire, release, make and drop them. Meant for ThreadSanitizer, too.
#include <memory>
#include <string>

#include "core/holders.h"
#include "thread_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int kThreads = 3, kTurns = 20000, kRoom = 64;

Provider* get(HostArray* array, uint32_t flags, const char* label) {
  nbuf_status status;
  return try_acquire(array, flags, label, &status);
}

void counts_and_texts() {
  SharedBytes bytes;
  HostArray* array = bytes.make_array();
  const auto list = std::make_unique<Holder[]>(kRoom);
  const std::string longest(63, 'x');
  Provider* a = get(array, NBUF_FULL_RO, "a");
  Provider* plain = get(array, NBUF_SIMPLE, nullptr);
  Provider* snapshot = get(array, NBUF_SIMPLE | NBUF_LAYOUT_SNAPSHOT, longest.c_str());
  HolderCounts counts = list_holders(array, list.get(), kRoom);
  CHECK(counts.memory == 3 && counts.layout == 2 && counts.listed == 2 &&
        counts.listed_layout == 1 && counts.is_complete);
  CHECK(list[0].provider == a && list[1].provider == snapshot);
  CHECK(std::string(list[0].label) == "a" && list[1].label == longest);
  CHECK(list[0].layout && !list[1].layout && list[0].has_shape && !list[1].has_shape);
  CHECK(list[0].ndim == 2 && list[0].shape[0] == 4 && list[0].shape[1] == 60);
  CHECK(std::string(list[0].format) == "B" && !list[1].has_format);
  CHECK(list[0].bytes == 240 && list[0].age >= 0 && list[0].age < 60000);
  // Spare providers are nobody's, also those that were left there meanwhile.
  release(plain);
  counts = list_holders(array, list.get(), kRoom);
  CHECK(counts.memory == 2 && counts.layout == 1);
  unlock_layout(a);
  counts = list_holders(array, list.get(), 1);
  CHECK(counts.memory == 2 && counts.layout == 0 && counts.listed == 1 &&
        !counts.is_complete && !list[0].layout);
  release(a);
  release(snapshot);
  release_owner(array);
  CHECK(bytes.frees == 1);
}

int arrays_now(const HostArray* wanted, bool* found) {
  int count = 0;
  *found = false;
  for (HostArray* each = nullptr; (each = next_array(each)) != nullptr; count++)
    *found = *found || each == wanted;
  return count;
}

// An array is listed while it has an owner or a provider, and goes when it has neither,
// also when a walk is what holds it last.
void arrays_are_listed() {
  SharedBytes first, second;
  bool found;
  const int before = arrays_now(nullptr, &found);
  HostArray* array = first.make_array();
  HostArray* other = second.make_array();
  CHECK(arrays_now(array, &found) == before + 2 && found);
  Provider* p = get(array, NBUF_SIMPLE, "held");
  release_owner(array);
  CHECK(arrays_now(array, &found) == before + 2 && found && first.frees == 0);
  HostArray* walk = next_array(nullptr);  // the newest one first
  CHECK(walk == other);
  walk = next_array(walk);
  CHECK(walk == array);
  release(p);
  CHECK(first.frees == 0);
  while (walk != nullptr) walk = next_array(walk);
  CHECK(first.frees == 1);
  release_owner(other);
  CHECK(arrays_now(nullptr, &found) == before && second.frees == 1);
}

// As SharedBytes::make_array, whose CHECK is the main thread's.
HostArray* make_on_thread(SharedBytes* bytes) {
  const int64_t shape[] = {240};
  LayoutSpec spec;
  spec.ndim = 1;
  spec.shape = shape;
  Memory* memory = nullptr;
  HostArray* array = nullptr;
  expect(make_adopted_memory(
             bytes->bytes, 240, 0,
             [](void* self) { static_cast<SharedBytes*>(self)->frees++; }, bytes, &memory,
             nullptr) == NBUF_OK &&
             make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK,
         "an array");
  return array;
}

// Threads hold at most one provider each of a shared array and make arrays of their own.
void threads_at_work() {
  SharedBytes bytes;
  HostArray* array = bytes.make_array();
  std::atomic<int> running{kThreads};
  const auto work = [&](int k) {
    Random random(static_cast<uint64_t>(k) + 7);
    for (int turn = 0; turn < kTurns; turn++) {
      const char* label = random.chance(50) ? "thread" : nullptr;
      const uint32_t snapshot = random.chance(30) ? NBUF_LAYOUT_SNAPSHOT : 0;
      nbuf_status status;
      Provider* p = try_acquire(array, NBUF_FULL_RO | snapshot, label, &status);
      if (turn % 8 == 0) {
        SharedBytes own;
        HostArray* mine = make_on_thread(&own);
        Provider* kept = get(mine, NBUF_SIMPLE, "own");
        release_owner(mine);
        release(kept);
        while (own.frees == 0) std::this_thread::yield();  // a walk may still hold it
      }
      if (p != nullptr && random.chance(20)) unlock_layout(p);
      if (p != nullptr) release(p);
    }
    running--;
  };
  on_threads(kThreads, work, [&] {
    const auto list = std::make_unique<Holder[]>(kRoom);
    long looks = 0;
    for (; running > 0 || looks == 0; looks++) {
      for (HostArray* each = nullptr; (each = next_array(each)) != nullptr;) {
        const HolderCounts counts = list_holders(each, list.get(), kRoom);
        expect(counts.is_complete && counts.listed <= counts.memory &&
                   counts.layout <= counts.memory && counts.memory <= kThreads &&
                   counts.listed_layout <= counts.layout,
               "counts that fit together");
        for (int64_t i = 0; i < counts.listed; i++) {
          const std::string label = list[static_cast<size_t>(i)].label;
          expect(label == "thread" || label == "own", "a whole label");
        }
      }
    }
    std::printf("%ld looks\n", looks);
  });
  const auto list = std::make_unique<Holder[]>(kRoom);
  const HolderCounts counts = list_holders(array, list.get(), kRoom);
  CHECK(counts.memory == 0 && counts.layout == 0 && counts.listed == 0);
  release_owner(array);
  CHECK(bytes.frees == 1);
}

}  // namespace

int main() {
  counts_and_texts();
  arrays_are_listed();
  threads_at_work();
  CHECK(thread_failures == 0);
  return check_result("core holders");
}
