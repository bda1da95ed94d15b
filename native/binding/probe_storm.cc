#include <cstring>

#include "probe.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace nbuf::binding {
namespace {

constexpr int32_t kMostThreads = 16;

struct Worker {
  core::Thread thread;
  Storm* storm = nullptr;
  int64_t number = 0;
};

bool same_numbers(const int64_t* a, const int64_t* b, int32_t count) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::memcmp(a, b, sizeof(int64_t) * static_cast<size_t>(count)) == 0;
}

bool same_text(const char* a, const char* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::strcmp(a, b) == 0;
}

// The model has been judged; the other may be garbage, so sizes come first.
bool same(const nbuf_provider* a, const nbuf_provider* model) {
  if (a->struct_size != model->struct_size || a->flags != model->flags ||
      a->buf != model->buf || a->len != model->len || a->itemsize != model->itemsize ||
      a->ndim != model->ndim || a->block_count != model->block_count)
    return false;
  const auto blocks = static_cast<size_t>(model->block_count) * sizeof(nbuf_block);
  return same_numbers(a->shape, model->shape, model->ndim) &&
         same_numbers(a->strides, model->strides, model->ndim) &&
         same_numbers(a->suboffsets, model->suboffsets, model->ndim) &&
         same_text(a->format, model->format) &&
         (blocks == 0 || std::memcmp(a->blocks, model->blocks, blocks) == 0);
}

void one_round(Storm* storm, nbuf_provider** keep) {
  nbuf_provider* made = nullptr;
  const nbuf_status status =
      storm->acquire(storm->exporter, storm->request, &made, nullptr);
  if (status != NBUF_OK || made == nullptr) {
    // Relaxed, here and below: joining the threads publishes the counts.
    storm->refused.fetch_add(1, std::memory_order_relaxed);
    storm->status.store(status, std::memory_order_relaxed);
    return;
  }
  if (storm->model != nullptr && !same(made, storm->model))
    storm->different.fetch_add(1, std::memory_order_relaxed);
  if (keep != nullptr) {
    *keep = made;
    return;
  }
  const nbuf_provider_ops* ops = made->ops;
  ops->retain(made);
  ops->unlock_layout(made);
  ops->release(made);
  ops->unlock_layout(made);
  ops->release(made);
}

void run_worker(void* context) {
  auto* worker = static_cast<Worker*>(context);
  Storm* storm = worker->storm;
  // Without the wait the first would be done before the last has started. Relaxed: what
  // the threads share is the peer's, and it has to order that itself.
  storm->missing.fetch_sub(1, std::memory_order_relaxed);
  while (storm->missing.load(std::memory_order_relaxed) > 0) {
  }
  for (int64_t k = 0; k < storm->rounds; k++) {
    if (storm->call != nullptr)
      storm->call(storm->object);
    else
      one_round(storm, storm->keep == nullptr
                           ? nullptr
                           : storm->keep + worker->number * storm->rounds + k);
  }
  storm->done.fetch_add(storm->rounds, std::memory_order_relaxed);
}

}  // namespace

bool run_storm(Storm* storm, int32_t threads) {
  Worker workers[kMostThreads];
  if (threads > kMostThreads) threads = kMostThreads;
  if (threads <= 0) {
    workers[0].storm = storm;
    run_worker(&workers[0]);
    return true;
  }
  storm->missing.store(threads, std::memory_order_relaxed);  // starting publishes it
  int32_t started = 0;
  for (; started < threads; started++) {
    workers[started].storm = storm;
    workers[started].number = started;
    if (!workers[started].thread.start(run_worker, &workers[started])) break;
  }
  storm->missing.fetch_sub(threads - started, std::memory_order_relaxed);
  for (int32_t k = 0; k < started; k++) workers[k].thread.join();
  return started == threads;
}

#if defined(_WIN32)
void* make_page(const void* bytes, size_t size) {
  void* page = VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (page != nullptr) std::memcpy(page, bytes, size);
  return page;
}

bool seal_page(void* page) {
  DWORD before;
  return VirtualProtect(page, 1, PAGE_NOACCESS, &before) != 0;
}
#else
void* make_page(const void* bytes, size_t size) {
  void* page =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  std::memcpy(page, bytes, size);
  return page;
}

bool seal_page(void* page) {
  return mprotect(page, static_cast<size_t>(sysconf(_SC_PAGESIZE)), PROT_NONE) == 0;
}
#endif

}  // namespace nbuf::binding
