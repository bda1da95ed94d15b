#include "copy_job.h"

#include <algorithm>
#include <cstdlib>

#include "overlap.h"

namespace nbuf::core {
namespace {

// The axes to cut first: along pointers, then by the largest step in dst, so that a chunk
// is as compact there as can be.
void cutting_order(const CopyPair& pair, int32_t* order) {
  int32_t by_stride[NBUF_MAX_NDIM], count = 0;
  sort_axes(pair.ndim, pair.dst.stride, by_stride);
  for (const bool pointers : {true, false})
    for (int32_t k = pair.ndim; k-- > 0;) {
      const int32_t i = by_stride[k];
      const bool is_pointer = pair.dst.is_pointer_axis(i) || pair.src.is_pointer_axis(i);
      if (is_pointer == pointers) order[count++] = i;
    }
}

}  // namespace

void CopyJob::Phase::prepare(const CopyPair& of, bool in_order, int64_t chunk_bytes) {
  pair = &of;
  is_in_order = in_order;
  count = 1;
  if (in_order || of.bytes <= chunk_bytes || of.ndim == 0) return;
  cutting_order(of, order);
  int64_t rest = of.bytes;
  for (cut = 0;; cut++) {
    const int64_t extent = of.shape[order[cut]];
    rest /= extent;  // of one step along this axis
    if (rest <= chunk_bytes || cut + 1 == of.ndim) break;
    count *= extent;
  }
  const int64_t extent = of.shape[order[cut]];
  step = std::max<int64_t>(1, chunk_bytes / rest);
  parts = (extent - 1) / step + 1;
  step = (extent - 1) / parts + 1;  // of equal size
  parts = (extent - 1) / step + 1;
  count *= parts;
}

Box CopyJob::Phase::box(int64_t chunk) const {
  Box box = whole_box(*pair);
  if (cut < 0) return box;
  const int32_t last = order[cut];
  box.start[last] = chunk % parts * step;
  box.extent[last] = std::min(step, pair->shape[last] - box.start[last]);
  chunk /= parts;
  for (int32_t k = cut; k-- > 0; chunk /= pair->shape[order[k]]) {
    box.start[order[k]] = chunk % pair->shape[order[k]];
    box.extent[order[k]] = 1;
  }
  return box;
}

Status CopyJob::prepare(int32_t ndim, const int64_t* shape, int64_t itemsize,
                        const Side& dst, const Side& src, const CopyOptions& options,
                        Error* error, int64_t chunk_bytes) {
  Status status = make_pair(ndim, shape, itemsize, options.swap, dst, src, &pair_, error);
  if (status != NBUF_OK || pair_.bytes == 0) return status;
  keep_last(&pair_);
  const Relation relation = relate(pair_);
  if (relation.way == Way::nothing) return NBUF_OK;
  if (relation.way != Way::temporary) {
    phases_[1].prepare(pair_, relation.way == Way::in_order, chunk_bytes);
    return NBUF_OK;
  }
  status = detour_.prepare(pair_, error);
  if (status != NBUF_OK) return status;
  phases_[0].prepare(detour_.pack, false, chunk_bytes);
  phases_[1].prepare(detour_.unpack, !relation.is_nested, chunk_bytes);
  return NBUF_OK;
}

const CopyJob::Phase& CopyJob::phase_of(int64_t* chunk) const {
  if (*chunk < phases_[0].count) return phases_[0];
  *chunk -= phases_[0].count;
  return phases_[1];
}

int64_t CopyJob::bytes_of(int64_t chunk) const {
  const Phase& phase = phase_of(&chunk);
  const Box box = phase.box(chunk);
  int64_t bytes = phase.pair->itemsize;
  for (int32_t i = 0; i < phase.pair->ndim; i++) bytes *= box.extent[i];
  return bytes;
}

void CopyJob::run(int64_t chunk, const std::atomic<bool>* stop) const {
  const Phase& phase = phase_of(&chunk);
  if (phase.is_in_order)
    copy_in_order(*phase.pair, stop);
  else
    copy_plain(*phase.pair, phase.box(chunk));
}

void CopyJob::finish() { detour_.finish(); }

}  // namespace nbuf::core
