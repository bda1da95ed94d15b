// test_core_spares.cc - released providers of a HostArray serve its next acquire, unseen
// by the counts, by set_layout and resize, and by the end of the array's memory.
#include <atomic>
#include <cstdlib>

#include "core/host_array.h"
#include "core_fixture.h"
#include "thread_fixture.h"

namespace {

using namespace nbuf::core;

constexpr int64_t kBytes = 24;
std::atomic<int> freed{0};

void free_bytes(void* bytes) {
  freed++;
  std::free(bytes);
}

HostArray* make_adopted() {
  const int64_t shape[] = {4, 6};
  LayoutSpec spec;
  spec.ndim = 2;
  spec.shape = shape;
  void* bytes = std::calloc(1, kBytes);
  Memory* memory;
  HostArray* array;
  CHECK(make_adopted_memory(bytes, kBytes, 0, free_bytes, bytes, &memory, nullptr) ==
        NBUF_OK);
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  return array;
}

Provider* get(HostArray* array, uint32_t flags = NBUF_FULL_RO,
              const char* label = nullptr) {
  const nbuf_request request = request_of(flags, label);
  Provider* provider;
  uint32_t epoch;
  CHECK(acquire(array, &request, &provider, &epoch, nullptr) == NBUF_OK);
  return provider;
}

int64_t locks_of(HostArray* array) {
  ArrayState state;
  Layout* layout;
  CHECK(inspect(array, &state, &layout, nullptr) == NBUF_OK);
  free_layout(layout);
  return state.memory_locks * 100 + state.layout_locks;
}

Status relayout(HostArray* array, int64_t rows, Error* error) {
  const int32_t ndim = 2;
  const int64_t shape[] = {rows, kBytes / rows};
  LayoutChange change;
  change.ndim = &ndim;
  change.shape = shape;
  return set_layout(array, change, error);
}

void serves_again() {
  HostArray* array = make_adopted();
  Provider* first = get(array);
  release(first);
  Provider* second = get(array);
  CHECK(second == first && locks_of(array) == 101);
  release(second);
  Provider* plain = get(array, NBUF_SIMPLE);
  CHECK(plain->pub.shape == nullptr && locks_of(array) == 101);
  release(plain);
  nbuf_error error = no_error();
  CHECK(relayout(array, 2, &error) == NBUF_OK);
  Provider* named = get(array, NBUF_FULL_RO, "named");
  CHECK(named->pub.shape[0] == 2);
  release(named);
  Provider* unlocked = get(array);
  CHECK(unlocked->label() == nullptr);
  unlock_layout(unlocked);
  release(unlocked);
  Provider* locked = get(array);
  CHECK(locks_of(array) == 101 && relayout(array, 3, &error) == NBUF_ERR_LOCKED);
  release(locked);
  Provider* snapshot = get(array, NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT);
  CHECK(locks_of(array) == 100 && relayout(array, 3, &error) == NBUF_OK);
  release(snapshot);
  Provider* fresh = get(array, NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT);
  CHECK(fresh->pub.shape[0] == 3);
  release(fresh);
  release(get(array));
  release_owner(array);
  CHECK(freed.exchange(0) == 1);
}

// Nothing waits in an array that was disposed of, and its memory goes at once.
void disposed() {
  HostArray* array = make_adopted();
  release(get(array));
  dispose(array);
  CHECK(freed.exchange(0) == 1);
  const nbuf_request request = request_of(NBUF_FULL_RO);
  Provider* none;
  uint32_t epoch;
  CHECK(acquire(array, &request, &none, &epoch, nullptr) == NBUF_ERR_RELEASED);
  release_owner(array);
  array = make_adopted();
  Provider* held = get(array);
  dispose(array);
  release_owner(array);
  CHECK(freed == 0);
  release(held);
  CHECK(freed.exchange(0) == 1);
}

// Threads come and go while one owner disposes of the array or lets it go.
void ends_meanwhile() {
  for (int round = 0; round < 1000; round++) {
    HostArray* array = make_adopted();
    for (int k = 0; k < 3; k++) array->pub.ops->retain(&array->pub);
    on_threads(
        3,
        [&](int) {
          for (int turn = 0; turn < 20; turn++) {
            nbuf_status status;
            Provider* provider = try_acquire(array, NBUF_FULL_RO, nullptr, &status);
            if (provider != nullptr) release(provider);
          }
          release_owner(array);
        },
        [&] {
          if (round % 2) dispose(array);
          release_owner(array);
        });
    CHECK(freed.exchange(0) == 1);
  }
}

}  // namespace

int main() {
  serves_again();
  disposed();
  ends_meanwhile();
  CHECK(thread_failures == 0);
  return check_result("core_spares");
}
