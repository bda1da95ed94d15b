// P11: loops over nbuf::span<double, 2> against the same loops over raw pointers.
//   c++ -std=c++17 -O3 -falign-loops=64 -Inative/include bench/native/span.cc -o span
// (aligned, since with equal instructions chance would decide otherwise: 0.85 to 1.2).
// Prints one JSON object a line: the median time of each side, over alternating rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "nbuf/nbuf.hpp"

namespace {

constexpr int kRounds = 41, kRepeats = 40;

using Span = nbuf::span<double, 2>;

// Each loop is a function of its own, as it would be in an addon.
#if defined(_MSC_VER)
#define NOINLINE __declspec(noinline)
#else
#define NOINLINE __attribute__((noinline))
#endif

NOINLINE double sum_span(const Span& s) {
  double total = 0;
  for (int64_t i = 0; i < s.extent(0); i++)
    for (int64_t j = 0; j < s.extent(1); j++) total += s(i, j);
  return total;
}

NOINLINE double sum_raw(const double* p, int64_t rows, int64_t columns) {
  double total = 0;
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) total += p[i * columns + j];
  return total;
}

NOINLINE void scale_span(const Span& any) {
  any.visit([](auto s) {
    for (int64_t i = 0; i < s.extent(0); i++)
      for (int64_t j = 0; j < s.extent(1); j++) s(i, j) = s(i, j) * 0.999 + 0.001;
  });
}

NOINLINE void scale_raw(double* p, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < columns; j++)
      p[i * columns + j] = p[i * columns + j] * 0.999 + 0.001;
}

NOINLINE void blur_span(const Span& any, double* out) {
  any.visit([out](auto s) {
    const int64_t rows = s.extent(0), columns = s.extent(1);
    for (int64_t i = 1; i + 1 < rows; i++)
      for (int64_t j = 1; j + 1 < columns; j++)
        out[i * columns + j] =
            0.25 * (s(i - 1, j) + s(i + 1, j) + s(i, j - 1) + s(i, j + 1));
  });
}

NOINLINE void blur_raw(const double* p, double* out, int64_t rows, int64_t columns) {
  for (int64_t i = 1; i + 1 < rows; i++)
    for (int64_t j = 1; j + 1 < columns; j++)
      out[i * columns + j] = 0.25 * (p[(i - 1) * columns + j] + p[(i + 1) * columns + j] +
                                     p[i * columns + j - 1] + p[i * columns + j + 1]);
}

template <class F>
double nanoseconds(F&& run) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kRepeats; i++) run();
  const std::chrono::duration<double, std::nano> took =
      std::chrono::steady_clock::now() - start;
  return took.count() / kRepeats;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Ours, class Peer>
void report(const char* name, Ours&& ours, Peer&& peer) {
  std::vector<double> our_times, peer_times;
  ours(), peer();
  for (int round = 0; round < kRounds; round++) {
    const bool ours_first = round % 2 == 0;
    if (ours_first) our_times.push_back(nanoseconds(ours));
    peer_times.push_back(nanoseconds(peer));
    if (!ours_first) our_times.push_back(nanoseconds(ours));
  }
  const double a = median(our_times), b = median(peer_times);
  std::printf(
      "{\"id\":\"P11\",\"name\":\"%s\",\"ours\":%.1f,\"peer\":%.1f,\"ratio\":%.3f,"
      "\"target\":1.05}\n",
      name, a, b, a / b);
}

}  // namespace

int main(int argc, char**) {
  // Neither side may know the sizes at compile time. They fit the second-level cache; in
  // much shorter rows, luck in predicting where a row ends would decide.
  const int64_t rows = 63 + argc, columns = 639 + argc;
  const int64_t shape[] = {rows, columns};
  std::vector<double> memory(static_cast<size_t>(rows * columns), 1.0),
      out(memory.size());
  nbuf_pointer_export from = {};
  from.struct_size = sizeof from;
  from.buf = memory.data();
  from.itemsize = sizeof(double);
  from.ndim = 2;
  from.format = "d";
  from.shape = shape;
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_exporter* exporter;
  if (nbuf_export_pointer(&from, &exporter, &error) != NBUF_OK) return 1;
  {
    const auto provider = nbuf::Provider::acquire(exporter, NBUF_FULL, "bench", error);
    const Span s = Span::from(provider, &error);
    if (!s) return std::fprintf(stderr, "%s\n", error.message), 1;
    double* p = memory.data();
    volatile double sink = 0;
    report(
        "span<double, 2> sum, s(i, j)", [&] { sink = sink + sum_span(s); },
        [&] { sink = sink + sum_raw(p, rows, columns); });
    report(
        "span<double, 2> in place, visit", [&] { scale_span(s); },
        [&] { scale_raw(p, rows, columns); });
    report(
        "span<double, 2> stencil, visit", [&] { blur_span(s, out.data()); },
        [&] { blur_raw(p, out.data(), rows, columns); });
  }
  exporter->ops->release(exporter);
  return 0;
}
