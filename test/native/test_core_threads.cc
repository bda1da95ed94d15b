// test_core_threads.cc - threads acquire, unlock, re-export, hand over and release while
// others resize and re-assign the layout. Meant for ThreadSanitizer and AddressSanitizer.
#include <utility>

#include "thread_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int kThreads = 3, kTurns = 20000;

HostArray* make_heap_array() {
  const int64_t shape[] = {4, 60};
  LayoutSpec spec;
  spec.ndim = 2;
  spec.shape = shape;
  Memory* memory = nullptr;
  HostArray* array = nullptr;
  CHECK(make_heap_memory(240, 64, &memory, nullptr) == NBUF_OK);
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  return array;
}

void check_no_holder(HostArray* array) {
  ArrayState state;
  Layout* layout;
  CHECK(inspect(array, &state, &layout, nullptr) == NBUF_OK);
  CHECK(state.memory_locks == 0 && state.layout_locks == 0);
  CHECK(layout->bytes <= state.capacity);
  free_layout(layout);
}

struct Counts {
  std::atomic<int> done{0}, refused{0};

  void add(Status status, Status other = NBUF_ERR_LOCKED) {
    expect(status == NBUF_OK || status == NBUF_ERR_LOCKED || status == other,
           "changed or locked");
    (status == NBUF_OK ? done : refused)++;
  }
};

// As many bytes as before, in other rows; BOUNDS when there are fewer by then.
Status set_rows(HostArray* array, int64_t rows) {
  ArrayState state;
  Layout* layout;
  expect(inspect(array, &state, &layout, nullptr) == NBUF_OK, "inspect");
  const int64_t columns = layout->bytes / rows;
  const int64_t shape[] = {rows, columns > 0 ? columns : 1};
  const int32_t ndim = 2;
  LayoutChange change;
  change.ndim = &ndim;
  change.shape = shape;
  const Status status = set_layout(array, change, nullptr);
  free_layout(layout);
  return status;
}

Provider* reexport_whole(Provider* parent, const char* label) {
  const nbuf_request request = request_of(NBUF_FULL, label);
  Provider* child;
  expect(
      reexport(parent, parent->layout->spec(), 0, &request, &child, nullptr) == NBUF_OK,
      "whoever holds the memory can re-export it");
  return child;
}

std::atomic<Provider*> slots[kThreads];

// One provider's life: whoever finds one in a slot ends it, mostly another thread.
void turn(HostArray* array, Random& random, bool hands_over) {
  const uint32_t snapshot = random.chance(50) ? NBUF_LAYOUT_SNAPSHOT : 0;
  const char* label = random.chance(50) ? "thread" : nullptr;
  Status status;
  Provider* p = try_acquire(array, NBUF_FULL | snapshot, label, &status);
  expect(p != nullptr || status == NBUF_ERR_LOCKED, "acquired, or being resized");
  if (p == nullptr) return;
  check_whole(p->pub);
  if (random.chance(80)) unlock_layout(p);
  if (random.chance(20)) {
    Provider* child = reexport_whole(p, random.chance(50) ? "child" : nullptr);
    check_whole(child->pub);
    if (random.chance(50)) std::swap(p, child);
    release(child);
  }
  if (random.chance(30)) {
    retain(p);
    release(p);
  }
  Provider* other = hands_over ? slots[random.between(0, kThreads - 1)].exchange(p) : p;
  if (other == nullptr) return;
  check_whole(other->pub);
  holds_layout(other);
  if (random.chance(30)) unlock_layout(other);
  release(other);
}

void empty_slots() {
  for (auto& slot : slots)
    if (Provider* p = slot.exchange(nullptr)) release(p);
}

// Slots keep the memory locked nearly always: the layout changes, the size hardly.
void layouts_change(uint64_t seed) {
  HostArray* array = make_heap_array();
  Counts layouts;
  std::atomic<int> running{kThreads};
  on_threads(
      kThreads,
      [&](int k) {
        Random random(seed + static_cast<uint64_t>(k));
        for (int i = 0; i < kTurns; i++) turn(array, random, true);
        running--;
      },
      [&] {
        Random random(seed);
        while (running > 0) layouts.add(set_rows(array, random.pick({2, 3, 4, 5, 6, 8})));
      });
  empty_slots();
  check_no_holder(array);
  std::printf("layouts: %d changes, %d refused\n", layouts.done.load(),
              layouts.refused.load());
  CHECK(layouts.done > 0);
  release_owner(array);
}

// Nothing is kept: now and then nobody holds anything, and two threads want a change.
void sizes_change(uint64_t seed) {
  HostArray* array = make_heap_array();
  Counts sizes, rows;
  std::atomic<int> running{2};
  const auto resize_some = [&](uint64_t own_seed) {
    Random random(own_seed);
    nbuf_error error = no_error();
    while (running > 0 || sizes.done == 0) {
      const int64_t shape[] = {random.between(1, 9), random.between(1, 60)};
      sizes.add(resize(array, 2, shape, &error));
      if (random.chance(50)) rows.add(set_rows(array, shape[0]), NBUF_ERR_BOUNDS);
      yield_often(random, 2);
    }
  };
  on_threads(
      3,
      [&](int k) {
        const uint64_t own_seed = seed + static_cast<uint64_t>(k);
        if (k == 2) return resize_some(own_seed);
        Random random(own_seed);
        for (int i = 0; i < kTurns; i++) {
          turn(array, random, false);
          yield_often(random, 1);
        }
        running--;
      },
      [&] { resize_some(seed + 9); });
  check_no_holder(array);
  std::printf("sizes: %d changes, %d refused\n", sizes.done.load(), sizes.refused.load());
  release_owner(array);
}

// Refused requests are no holders, not even for a moment; snapshots hold no layout.
void no_phantom_holders(uint64_t seed, bool resizes) {
  HostArray* array = make_heap_array();
  std::atomic<bool> stop{false};
  on_threads(
      2,
      [&](int k) {
        Random random(seed + static_cast<uint64_t>(k));
        while (!stop) {
          const char* label = random.chance(50) ? "refused" : nullptr;
          Status status;
          try_acquire(array, NBUF_F_CONTIGUOUS, label, &status);
          expect(status == NBUF_ERR_CONTIGUITY || status == NBUF_ERR_LOCKED, "refused");
          if (resizes) continue;
          Provider* p =
              try_acquire(array, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT, label, &status);
          if (expect(p != nullptr, "a snapshot")) release(p);
        }
      },
      [&] {
        for (int i = 0; i < 3000; i++) {
          const int64_t shape[] = {i % 2 ? 4 : 6, 9};
          const Status status =
              resizes ? resize(array, 2, shape, nullptr) : set_rows(array, shape[0]);
          expect(status == NBUF_OK, "nobody holds what is changed");
        }
        stop = true;
      });
  check_no_holder(array);
  release_owner(array);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_threads");
  layouts_change(seed);
  sizes_change(seed);
  no_phantom_holders(seed, false);
  no_phantom_holders(seed, true);
  CHECK(thread_failures == 0);
  return check_result("core_threads");
}
