// test_pointer_threads.cc - threads acquire, unlock, hand over and release providers
// while the layout changes. Meant for ThreadSanitizer, useful without it.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "pointer_fixture.h"

namespace {

constexpr int kThreads = 4, kTurns = 20000, kBytes = 240;

std::atomic<int> free_calls{0};
std::atomic<int> failures{0};
std::atomic<nbuf_provider*> handed_over[kThreads];

void expect(bool ok) { failures += !ok; }

void free_memory(void* context) {
  free_calls++;
  std::free(context);
}

nbuf_exporter* make_exporter() {
  const int64_t shape[] = {4, 60};
  void* memory = std::calloc(1, kBytes);
  nbuf_pointer_export from = describe(memory, 2, shape, nullptr);
  nbuf_exporter* exporter = nullptr;
  from.free = free_memory;
  from.context = memory;
  expect(nbuf_export_pointer(&from, &exporter, nullptr) == NBUF_OK);
  return exporter;
}

// A layout that is torn between an old and a new one would not say 240 bytes.
void check(const nbuf_provider* p) {
  expect(p->len == kBytes && p->shape[0] * p->shape[1] == kBytes);
  expect(p->strides[0] == p->shape[1] && p->strides[1] == 1);
  expect(static_cast<const char*>(p->buf)[kBytes - 1] == 0);
}

nbuf_provider* get(nbuf_exporter* exporter, unsigned flags, const char* label) {
  nbuf_error error = no_error();
  nbuf_provider* p;
  expect(acquire(exporter, flags, label, &p, &error) == NBUF_OK);
  check(p);
  return p;
}

void turn(nbuf_exporter* exporter, int thread, int i) {
  const bool snapshot = i % 2 == 0;
  nbuf_provider* p = get(exporter, NBUF_FULL | (snapshot ? NBUF_LAYOUT_SNAPSHOT : 0),
                         i % 2 ? "t" : nullptr);
  if (i % 16 != 1) p->ops->unlock_layout(p);
  if (i % 7 == 0) {
    p->ops->retain(p);
    p->ops->release(p);
  }
  // Whoever finds a provider in the slot releases it: mostly another thread.
  nbuf_provider* other = handed_over[(thread + i) % kThreads].exchange(p);
  if (other == nullptr) return;
  check(other);
  if (i % 4 == 0) other->ops->unlock_layout(other);
  other->ops->release(other);
}

nbuf_status change(nbuf_exporter* exporter, int i, nbuf_error* error) {
  const int64_t rows[] = {2, 3, 4, 5, 6, 8};
  const int64_t shape[] = {rows[i % 6], kBytes / rows[i % 6]};
  nbuf_provider* p = get(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT, nullptr);
  nbuf_pointer_export from = describe(p->buf, 2, shape, nullptr);
  const nbuf_status status = nbuf_pointer_set_layout(exporter, &from, error);
  p->ops->release(p);
  return status;
}

void everything_at_once() {
  nbuf_exporter* exporter = make_exporter();
  std::vector<std::thread> threads;
  std::atomic<int> running{kThreads};
  int tried = 0, changed = 0, refused = 0;
  for (int t = 0; t < kThreads; t++) {
    exporter->ops->retain(exporter);
    threads.emplace_back([exporter, t, &running] {
      for (int i = 0; i < kTurns; i++) turn(exporter, t, i);
      exporter->ops->release(exporter);
      running--;
    });
  }
  while (running > 0) {
    nbuf_error error = no_error();
    const nbuf_status status = change(exporter, tried++, &error);
    changed += status == NBUF_OK;
    refused += status == NBUF_ERR_LOCKED;
  }
  exporter->ops->release(exporter);  // the owner goes first
  for (std::thread& thread : threads) thread.join();
  std::printf("%d changes of the layout, %d refused\n", changed, refused);
  expect(changed + refused == tried && free_calls == 0);
  for (auto& slot : handed_over)
    if (nbuf_provider* p = slot.exchange(nullptr)) p->ops->release(p);
  expect(free_calls == 1);
}

// Refused requests and snapshots hold no layout lock, not even for a moment.
void no_phantom_holders() {
  nbuf_exporter* exporter = make_exporter();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++)
    threads.emplace_back([exporter, &stop] {
      while (!stop) {
        nbuf_provider* p;
        expect(acquire(exporter, NBUF_F_CONTIGUOUS, "refused", &p, nullptr) ==
               NBUF_ERR_CONTIGUITY);
        p = get(exporter, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT, "snapshot");
        p->ops->release(p);
      }
    });
  for (int i = 0; i < kTurns / 4; i++) expect(change(exporter, i, nullptr) == NBUF_OK);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  expect(locks_of(exporter) == 0);
  exporter->ops->release(exporter);
  expect(free_calls == 2);
}

// References to one provider come and go everywhere; the last one may drop anywhere.
void one_provider_many_threads() {
  nbuf_exporter* exporter = make_exporter();
  for (int round = 0; round < kTurns / 200; round++) {
    nbuf_provider* p = get(exporter, NBUF_FULL, "shared");
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; t++) {
      p->ops->retain(p);
      threads.emplace_back([p] {
        for (int i = 0; i < 50; i++) {
          p->ops->retain(p);
          p->ops->unlock_layout(p);
          p->ops->release(p);
        }
        check(p);
        p->ops->release(p);
      });
    }
    p->ops->release(p);
    for (std::thread& thread : threads) thread.join();
    expect(locks_of(exporter) == 0);
  }
  exporter->ops->release(exporter);
  expect(free_calls == 3);
}

}  // namespace

int main() {
  everything_at_once();
  no_phantom_holders();
  one_provider_many_threads();
  CHECK(failures == 0);
  return check_result("pointer_threads");
}
