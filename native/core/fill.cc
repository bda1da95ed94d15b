// One item into every element.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "copy_pair.h"
#include "copy_plan.h"
#include "overlap.h"

namespace nbuf::core {
namespace {

constexpr int64_t kPattern = 4096;  // bytes; stays in the first cache

// Repeats the item in front of a run of bytes that is a multiple of it.
struct Pattern {
  int64_t size;  // bytes; a multiple of the item's, or that itself when it is large
  const char* bytes;
  char repeated[kPattern];

  // No run has more than `most` bytes.
  Pattern(const char* item, int64_t itemsize, int64_t most) {
    size = itemsize;
    bytes = item;
    if (itemsize > kPattern / 2) return;
    size = std::min(kPattern, most) / itemsize * itemsize;
    bytes = repeated;
    std::memcpy(repeated, item, static_cast<size_t>(itemsize));
    for (int64_t at = itemsize; at < size; at += at)
      std::memcpy(repeated + at, repeated, static_cast<size_t>(std::min(at, size - at)));
  }
  void into(char* run, int64_t length) const {
    for (; length > size; length -= size, run += size)
      std::memcpy(run, bytes, static_cast<size_t>(size));
    std::memcpy(run, bytes, static_cast<size_t>(length));
  }
};

// The last axes become one run of bytes where they are contiguous, in whatever order.
struct Runs {
  int32_t ndim = 0;
  int64_t run;
  char* first;
  int64_t shape[NBUF_MAX_NDIM], stride[NBUF_MAX_NDIM];

  Runs(const InnerAxes& axes, int64_t itemsize, char* piece)
      : run(itemsize), first(piece) {
    int32_t order[NBUF_MAX_NDIM];
    sort_axes(axes.ndim, axes.dst, order);
    for (int32_t k = 0; k < axes.ndim; k++) {
      const int64_t extent = axes.shape[order[k]], step = axes.dst[order[k]];
      if (step < 0) first += (extent - 1) * step;
      if (ndim == 0 && std::abs(step) == run) {
        run *= extent;
      } else {
        shape[ndim] = extent;
        stride[ndim++] = std::abs(step);
      }
    }
  }
};

template <typename Use>
void each_run(const Runs& runs, Use use) {
  int64_t index[NBUF_MAX_NDIM] = {0};
  char* at = runs.first;
  for (;;) {
    use(at);
    int32_t i = 0;
    for (; i < runs.ndim; i++) {
      at += runs.stride[i];
      if (++index[i] < runs.shape[i]) break;
      at -= runs.stride[i] * runs.shape[i];
      index[i] = 0;
    }
    if (i == runs.ndim) return;
  }
}

bool is_uniform(const char* item, int64_t size) {
  return std::memcmp(item, item + 1, static_cast<size_t>(size - 1)) == 0;
}

constexpr int64_t kShortRun = 64;  // bytes: below, the plan's loops are faster

void fill_pieces(const CopyPair& pair, const char* item) {
  const Box box = whole_box(pair);
  PieceWalk walk(pair, box);
  const InnerAxes& inner = walk.inner();
  const bool uniform = is_uniform(item, pair.itemsize);
  const Pattern pattern(item, pair.itemsize, pair.bytes);
  Plan plan;
  make_plan(inner.ndim, inner.shape, pair.itemsize, 0, inner.dst, inner.src, &plan,
            pair.bytes);
  do {
    const Runs runs(inner, pair.itemsize, walk.dst());
    if (runs.run < kShortRun)
      run_plan(plan, walk.dst(), item);
    else if (uniform)
      each_run(runs,
               [&](char* at) { std::memset(at, *item, static_cast<size_t>(runs.run)); });
    else
      each_run(runs, [&](char* at) { pattern.into(at, runs.run); });
  } while (walk.next());
}

}  // namespace

Status fill_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side dst,
                     const char* item, Error* error) {
  const int64_t still[NBUF_MAX_NDIM] = {0};
  CopyPair pair;
  const Side src = {const_cast<char*>(item), still, {}};  // only read
  const Status status = make_pair(ndim, shape, itemsize, 0, dst, src, &pair, error);
  if (status != NBUF_OK || pair.bytes == 0) return status;
  keep_last(&pair);
  if (relate(pair).is_nested)
    fill_pieces(pair, item);
  else
    copy_in_order(pair);
  return NBUF_OK;
}

}  // namespace nbuf::core
