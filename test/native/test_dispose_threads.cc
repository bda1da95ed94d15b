// test_dispose_threads.cc - exporters end, or get other memory, while threads acquire
// from them. Meant for AddressSanitizer and ThreadSanitizer.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "pointer_fixture.h"

namespace {

constexpr int kThreads = 4, kRounds = 300;

std::atomic<int> failures{0};
std::atomic<int> made{0}, freed{0};

void expect(bool ok) { failures += !ok; }

void free_memory(void* context) {
  freed++;
  std::free(context);
}

// The byte everywhere says how long the memory is.
nbuf_pointer_export memory_of(int64_t size, const int64_t* shape) {
  void* memory = std::malloc(static_cast<size_t>(size));
  std::memset(memory, static_cast<int>(size), static_cast<size_t>(size));
  nbuf_pointer_export from = describe(memory, 1, shape, nullptr);
  from.base = from.context = memory;
  from.size = size;
  from.free = free_memory;
  made++;
  return from;
}

// Acquires until the exporter is disposed of.
void use(nbuf_exporter* exporter, int thread, std::atomic<int>* uses) {
  for (int i = 0;; i++) {
    nbuf_provider* p;
    const char* label = (i + thread) % 5 == 0 ? "thread" : nullptr;
    const nbuf_status status = acquire(exporter, NBUF_FULL, label, &p, nullptr);
    if (status == NBUF_ERR_RELEASED) break;
    if (status != NBUF_OK) continue;  // being resized
    const auto* bytes = static_cast<const volatile char*>(p->buf);
    expect(bytes[0] == p->len && bytes[p->len - 1] == p->len);
    expect(p->blocks[0].size == p->len);
    p->ops->release(p);
    (*uses)++;
    for (int k = 0; k < 8; k++) std::this_thread::yield();  // for a resize between
  }
  exporter->ops->release(exporter);
}

int resize(nbuf_exporter* exporter, int64_t size) {
  nbuf_pointer_export from = memory_of(size, &size);
  const nbuf_status status = nbuf_pointer_set_memory(exporter, &from, nullptr);
  expect(status == NBUF_OK || status == NBUF_ERR_LOCKED);
  if (status != NBUF_OK) free_memory(from.context);
  return status == NBUF_OK;
}

int round_of(int round) {
  int64_t size = 24;
  const nbuf_pointer_export from = memory_of(size, &size);
  nbuf_exporter* exporter = nullptr;
  std::atomic<int> uses{0};
  std::vector<std::thread> threads;
  int resized = 0;
  expect(nbuf_export_pointer(&from, &exporter, nullptr) == NBUF_OK);
  for (int t = 0; t < kThreads; t++) {
    exporter->ops->retain(exporter);
    threads.emplace_back(use, exporter, t, &uses);
  }
  while (uses < round % 40 * 20) {
    resized += resize(exporter, 8 + uses % 32);
    std::this_thread::yield();
  }
  nbuf_pointer_dispose(exporter);
  if (round % 2 == 0) exporter->ops->release(exporter);
  for (std::thread& thread : threads) thread.join();
  expect(freed == made);  // also where the exporter is still there
  if (round % 2 != 0) exporter->ops->release(exporter);
  return resized;
}

}  // namespace

int main() {
  int resized = 0;
  for (int round = 0; round < kRounds; round++) resized += round_of(round);
  std::printf("%d memories, %d of them by resizing\n", made.load(), resized);
  CHECK(failures == 0 && freed == made && resized > 0);
  return check_result("dispose_threads");
}
