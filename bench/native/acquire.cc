// P2, P8 and P10: acquire and release from C through the ops tables, as any addon does.
//   acquire once host|pointer COUNT             processor ns of one acquire + release
//   acquire threads host|pointer THREADS COUNT  million pairs a second, of all threads
//   acquire live host|pointer COUNT             bytes of one of COUNT live providers
//   acquire cycles host|pointer COUNT           bytes that COUNT pairs leave behind
// `host` is the core's HostArray, `pointer` an nbuf_export_pointer. Prints one number.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#include "core/host_array.h"
#include "nbuf/nbuf.h"

namespace {

constexpr int64_t kShape[] = {480, 640};
char bytes[480 * 640];

[[noreturn]] void fail(const nbuf_error& error) {
  std::fprintf(stderr, "acquire: %s\n", error.message);
  std::exit(1);
}

nbuf_exporter* make_host() {
  using namespace nbuf::core;
  nbuf_error error = NBUF_ERROR_INIT;
  Memory* memory;
  if (make_heap_memory(sizeof bytes, 64, &memory, &error) != NBUF_OK) fail(error);
  LayoutSpec spec;
  spec.ndim = 2;
  spec.shape = kShape;
  HostArray* array;
  if (make_host_array(memory, spec, false, &array, &error) != NBUF_OK) fail(error);
  return &array->pub;
}

nbuf_exporter* make_pointer() {
  nbuf_pointer_export from = {};
  from.struct_size = sizeof from;
  from.buf = bytes;
  from.itemsize = 1;
  from.ndim = 2;
  from.format = "B";
  from.shape = kShape;
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  if (nbuf_export_pointer(&from, &exporter, &error) != NBUF_OK) fail(error);
  return exporter;
}

nbuf_provider* acquire(nbuf_exporter* exporter) {
  const nbuf_request request = {sizeof request, NBUF_FULL_RO, nullptr};
  // One for all calls: it is written on failure only.
  static nbuf_error error = NBUF_ERROR_INIT;
  nbuf_provider* provider;
  if (exporter->ops->acquire(exporter, &request, &provider, &error) != NBUF_OK)
    fail(error);
  return provider;
}

void pairs(nbuf_exporter* exporter, long count) {
  for (long k = 0; k < count; k++) {
    nbuf_provider* provider = acquire(exporter);
    provider->ops->release(provider);
  }
}

double processor_ns() {
  return static_cast<double>(std::clock()) * (1e9 / CLOCKS_PER_SEC);
}

double once(nbuf_exporter* exporter, long count) {
  pairs(exporter, count / 10);
  const double start = processor_ns();
  pairs(exporter, count);
  return (processor_ns() - start) / static_cast<double>(count);
}

double threads(nbuf_exporter* exporter, int workers, long count) {
  std::atomic<int> ready{0};
  std::vector<std::thread> all;
  using clock = std::chrono::steady_clock;
  std::vector<clock::time_point> starts(workers), ends(workers);
  for (int k = 0; k < workers; k++)
    all.emplace_back([&, k] {
      ready.fetch_add(1);
      while (ready.load() < workers) std::this_thread::yield();
      starts[k] = clock::now();
      pairs(exporter, count);
      ends[k] = clock::now();
    });
  for (std::thread& thread : all) thread.join();
  clock::time_point start = starts[0], end = ends[0];
  for (int k = 1; k < workers; k++) {
    if (starts[k] < start) start = starts[k];
    if (ends[k] > end) end = ends[k];
  }
  const std::chrono::duration<double, std::micro> took = end - start;
  return static_cast<double>(count) * workers / took.count();
}

// Resident pages of this process, in bytes. (getrusage keeps the parent's maximum.)
double resident() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long size, pages;
  if (file == nullptr || std::fscanf(file, "%ld %ld", &size, &pages) != 2) {
    std::fprintf(stderr, "acquire: expected /proc/self/statm (Linux), found none\n");
    std::exit(1);
  }
  std::fclose(file);
  return static_cast<double>(pages) * 4096;
}

double live(nbuf_exporter* exporter, size_t count) {
  std::vector<nbuf_provider*> all(count, nullptr);
  const double before = resident();
  for (nbuf_provider*& provider : all) provider = acquire(exporter);
  const double after = resident();
  for (nbuf_provider* provider : all) provider->ops->release(provider);
  return (after - before) / static_cast<double>(count);
}

double cycles(nbuf_exporter* exporter, long count) {
  pairs(exporter, count / 10);
  const double before = resident();
  pairs(exporter, count);
  return resident() - before;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4)
    return std::fprintf(stderr, "see the head of bench/native/acquire.cc\n"), 1;
  const char* what = argv[1];
  nbuf_exporter* exporter =
      std::strcmp(argv[2], "host") == 0 ? make_host() : make_pointer();
  const long count = std::atol(argv[argc - 1]);
  double figure = 0;
  if (std::strcmp(what, "once") == 0) figure = once(exporter, count);
  if (std::strcmp(what, "threads") == 0)
    figure = threads(exporter, std::atoi(argv[3]), count);
  if (std::strcmp(what, "live") == 0) figure = live(exporter, static_cast<size_t>(count));
  if (std::strcmp(what, "cycles") == 0) figure = cycles(exporter, count);
  std::printf("%.4f\n", figure);
  exporter->ops->release(exporter);
  return 0;
}
