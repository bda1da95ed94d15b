// test_pointer_spare.cc - a released provider serves the next acquire, and nobody
// notices: neither the counts nor set_layout nor the end of the exporter.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "pointer_fixture.h"

namespace {

constexpr int kBytes = 24;
std::atomic<int> free_calls{0};
std::atomic<int> failures{0};  // CHECK is for one thread

void free_memory(void* context) {
  free_calls++;
  std::free(context);
}

nbuf_exporter* make_exporter() {
  const int64_t shape[] = {4, 6};
  void* memory = std::calloc(1, kBytes);
  nbuf_pointer_export from = describe(memory, 2, shape, nullptr);
  nbuf_exporter* exporter = nullptr;
  from.free = free_memory;
  from.context = memory;
  CHECK(nbuf_export_pointer(&from, &exporter, nullptr) == NBUF_OK);
  return exporter;
}

nbuf_provider* get(nbuf_exporter* exporter, uint32_t flags = NBUF_FULL,
                   const char* label = nullptr) {
  nbuf_provider* provider = nullptr;
  failures += acquire(exporter, flags, label, &provider, nullptr) != NBUF_OK;
  return provider;
}

void drop(nbuf_provider* provider) { provider->ops->release(provider); }

nbuf_status relayout(nbuf_exporter* exporter, const nbuf_provider* like, int64_t rows,
                     nbuf_error* error) {
  const int64_t shape[] = {rows, kBytes / rows};
  nbuf_pointer_export from = describe(like->buf, 2, shape, nullptr);
  return nbuf_pointer_set_layout(exporter, &from, error);
}

// The same object, with the fields of the request of now.
void serves_again() {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider* first = get(exporter);
  drop(first);
  CHECK(locks_of(exporter) == 0);
  first = get(exporter);
  drop(first);
  nbuf_provider* second = get(exporter);
  CHECK(second == first && second->shape[0] == 4 && second->format != nullptr);
  CHECK(locks_of(exporter) == 101);
  nbuf_provider* other = get(exporter);
  CHECK(other != second && locks_of(exporter) == 202);
  drop(second);
  drop(other);
  nbuf_provider* plain = get(exporter, NBUF_SIMPLE);
  CHECK(plain->shape == nullptr && plain->format == nullptr && plain->len == kBytes);
  CHECK(locks_of(exporter) == 101);
  drop(plain);
  nbuf_provider* full = get(exporter);
  CHECK(full->shape != nullptr && full->format != nullptr);
  drop(full);
  exporter->ops->release(exporter);
  CHECK(free_calls.exchange(0) == 1);
}

// Whoever gave the layout lock back, or never took it, is not one who holds it.
void layout_lock_is_its_own() {
  nbuf_exporter* exporter = make_exporter();
  nbuf_provider* unlocked = get(exporter);
  unlocked->ops->unlock_layout(unlocked);
  drop(unlocked);
  nbuf_provider* locked = get(exporter);
  CHECK(locks_of(exporter) == 101);
  nbuf_provider* snapshot = get(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT);
  CHECK(locks_of(exporter) == 201);
  drop(locked);
  nbuf_error error = no_error();
  CHECK(relayout(exporter, snapshot, 8, &error) == NBUF_OK);
  drop(snapshot);
  nbuf_provider* fresh = get(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT);
  CHECK(fresh->shape[0] == 8 && locks_of(exporter) == 100);
  drop(fresh);
  nbuf_provider* named = get(exporter, NBUF_FULL, "named");
  CHECK(relayout(exporter, named, 2, &error) == NBUF_LOCKED);
  CHECK_TEXT(error.message, "1 provider ('named'");
  drop(named);
  nbuf_provider* unnamed = get(exporter);
  CHECK(relayout(exporter, unnamed, 2, &error) == NBUF_LOCKED);
  CHECK(std::strcmp(error.message, "the layout is locked by 1 provider") == 0);
  drop(unnamed);
  unnamed = get(exporter);
  CHECK(unnamed->shape[0] == 8);
  exporter->ops->release(exporter);
  CHECK(free_calls == 0);
  drop(unnamed);
  CHECK(free_calls.exchange(0) == 1);
}

// Each thread leaves one behind; all count until somebody asks.
void spares_of_many_threads() {
  nbuf_exporter* exporter = make_exporter();
  std::vector<std::thread> threads;
  for (int k = 0; k < 8; k++)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 100; turn++) drop(get(exporter));
    });
  for (std::thread& thread : threads) thread.join();
  nbuf_provider* snapshot = get(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT);
  CHECK(relayout(exporter, snapshot, 3, nullptr) == NBUF_OK);
  CHECK(locks_of(exporter) == 100);
  drop(snapshot);
  nbuf_provider* provider = get(exporter);
  CHECK(provider->shape[0] == 3);
  drop(provider);
  exporter->ops->release(exporter);
  CHECK(free_calls.exchange(0) == 1);
}

// Providers come and go while the owner lets go: the memory is freed once, at the end.
void owner_lets_go_meanwhile() {
  constexpr int kRounds = 2000, kThreads = 3;
  for (int round = 0; round < kRounds; round++) {
    nbuf_exporter* exporter = make_exporter();
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int k = 0; k < kThreads; k++) {
      exporter->ops->retain(exporter);
      threads.emplace_back([&, k] {
        ready++;
        while (ready < kThreads) std::this_thread::yield();
        for (int turn = 0; turn < 20; turn++) drop(get(exporter));
        nbuf_provider* last = get(exporter);
        last->ops->retain(last);
        if (k % 2) drop(last);
        exporter->ops->release(exporter);
        if (k % 2 == 0) drop(last);
        failures += static_cast<const char*>(last->buf)[kBytes - 1] != 0;
        drop(last);
      });
    }
    exporter->ops->release(exporter);
    for (std::thread& thread : threads) thread.join();
    CHECK(free_calls.exchange(0) == 1);
  }
}

}  // namespace

int main() {
  serves_again();
  layout_lock_is_its_own();
  spares_of_many_threads();
  owner_lets_go_meanwhile();
  CHECK(failures == 0);
  return check_result("pointer_spare");
}
