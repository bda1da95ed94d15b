// A copy whose elements may be written in any order: plans over pieces.
#include <algorithm>
#include <cstdlib>

#include "copy_pair.h"
#include "copy_plan.h"

namespace nbuf::core {
namespace {

void copy_box(const CopyPair& pair, const Box& box) {
  PieceWalk walk(pair, box);
  const InnerAxes& inner = walk.inner();
  Plan plan;
  make_plan(inner.ndim, inner.shape, pair.itemsize, pair.swap, inner.dst, inner.src,
            &plan, pair.bytes);
  do run_plan(plan, walk.dst(), walk.src());
  while (walk.next());
}

// ---- across pieces ----

// Neighbours on one side are in different pieces of the other (rows behind pointers, read
// column by column). Whole pieces would send every cache line through the caches once for
// each of its elements; tiles of many pieces go through the stack instead.
constexpr int64_t kPatch = 16384;  // bytes
constexpr int64_t kPieces = 32;    // of a tile

struct Across {
  int32_t
      axis;  // along it one side changes pieces, and the other side has its neighbours
  bool is_source;  // the side that changes pieces is src
  Box tile;
};

// The axis with the smallest steps in the elements of one side; -1: none.
int32_t finest_axis(const CopyPair& pair, const CopySide& side) {
  int32_t finest = -1;
  for (int32_t i = 0; i < pair.ndim; i++)
    if (side.level[i] + 1 == side.level_count && side.stride[i] != 0 &&
        (finest < 0 || std::abs(side.stride[i]) < std::abs(side.stride[finest])))
      finest = i;
  return finest;
}

bool find_across(const CopyPair& pair, const Box& box, Across* found) {
  const int32_t to = finest_axis(pair, pair.dst), from = finest_axis(pair, pair.src);
  found->is_source = to >= 0 && pair.src.is_pointer_axis(to);
  if (!found->is_source && !(from >= 0 && pair.dst.is_pointer_axis(from))) return false;
  found->axis = found->is_source ? to : from;
  found->tile = box;
  int64_t* extent = found->tile.extent;
  extent[found->axis] = std::min(kPieces, extent[found->axis]);
  int64_t left = kPatch / (pair.itemsize * extent[found->axis]);
  if (left < 8 || extent[found->axis] < 4) return false;
  for (int32_t i = pair.ndim; i-- > 0;) {
    if (i == found->axis) continue;
    const bool is_pointer = pair.dst.is_pointer_axis(i) || pair.src.is_pointer_axis(i);
    extent[i] = is_pointer ? 1 : std::min(extent[i], left);
    left = std::max<int64_t>(1, left / extent[i]);
  }
  return true;
}

// One tile: packed[piece][inner axes] lies between the sides.
void copy_tile(const CopyPair& pair, const Across& across) {
  const Box& tile = across.tile;
  int32_t ndim = 1;  // the axis of the pieces, then the inner ones
  int64_t shape[NBUF_MAX_NDIM] = {tile.extent[across.axis]}, packed[NBUF_MAX_NDIM];
  int64_t dst[NBUF_MAX_NDIM] = {pair.dst.stride[across.axis]};
  int64_t src[NBUF_MAX_NDIM] = {pair.src.stride[across.axis]};
  for (int32_t i = 0; i < pair.ndim; i++) {
    if (i == across.axis || tile.extent[i] == 1) continue;
    shape[ndim] = tile.extent[i];
    dst[ndim] = pair.dst.stride[i];
    src[ndim++] = pair.src.stride[i];
  }
  nbuf_layout_c_strides_(ndim, shape, pair.itemsize, packed);
  char bytes[kPatch];
  int64_t index[NBUF_MAX_NDIM];
  std::copy(tile.start, tile.start + pair.ndim, index);
  Plan whole, piece;
  if (across.is_source) {
    make_plan(ndim - 1, shape + 1, pair.itemsize, pair.swap, packed + 1, src + 1, &piece);
    for (int64_t k = 0; k < shape[0]; k++, index[across.axis]++)
      run_plan(piece, bytes + k * packed[0], locate(pair.src, pair.ndim, index));
    make_plan(ndim, shape, pair.itemsize, 0, dst, packed, &whole);
    return run_plan(whole, locate(pair.dst, pair.ndim, tile.start), bytes);
  }
  make_plan(ndim, shape, pair.itemsize, pair.swap, packed, src, &whole);
  run_plan(whole, bytes, locate(pair.src, pair.ndim, tile.start));
  make_plan(ndim - 1, shape + 1, pair.itemsize, 0, dst + 1, packed + 1, &piece);
  for (int64_t k = 0; k < shape[0]; k++, index[across.axis]++)
    run_plan(piece, locate(pair.dst, pair.ndim, index), bytes + k * packed[0]);
}

void copy_tiles(const CopyPair& pair, const Box& box, Across* across) {
  Box& tile = across->tile;
  const Box first = tile;
  for (;;) {
    copy_tile(pair, *across);
    int32_t i = pair.ndim;
    while (i-- > 0) {
      tile.start[i] += tile.extent[i];
      const int64_t left = box.start[i] + box.extent[i] - tile.start[i];
      tile.extent[i] = std::min(first.extent[i], left);
      if (left > 0) break;
      tile.start[i] = box.start[i];
      tile.extent[i] = first.extent[i];
    }
    if (i < 0) return;
  }
}

}  // namespace

void copy_plain(const CopyPair& pair, const Box& box) {
  Across across;
  if (!pair.is_direct() && find_across(pair, box, &across))
    copy_tiles(pair, box, &across);
  else
    copy_box(pair, box);
}

}  // namespace nbuf::core
