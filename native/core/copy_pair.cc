#include "copy_pair.h"

#include <cstdlib>
#include <cstring>

#include "copy_plan.h"

namespace nbuf::core {
namespace {

void take_side(const Side& from, CopySide* to) {
  to->first = from.first;
  to->level_count = from.levels.count;
  for (int32_t i = 0; i + 1 < from.levels.count; i++) to->post[i] = from.levels.post[i];
}

void take_axis(const Side& from, int32_t axis, int32_t at, CopySide* to) {
  to->stride[at] = from.strides[axis];
  to->level[at] = from.levels.count > 1 ? from.levels.axis_level[axis] : 0;
}

void move_axis(CopySide* side, int32_t from, int32_t to) {
  side->stride[to] = side->stride[from];
  side->level[to] = side->level[from];
}

// Unsigned: a pointer alone, without its post-offset, may be no address of anything, and
// a peer's post-offset any number.
uintptr_t moved(uintptr_t from, int64_t bytes) {
  return from + static_cast<uintptr_t>(bytes);
}

// Moves the start along an axis, also behind pointers.
void shift(CopySide* side, int32_t axis, int64_t steps) {
  const int64_t bytes = steps * side->stride[axis];
  if (side->level[axis] == 0) {
    side->first += bytes;
  } else {
    int64_t* post = &side->post[side->level[axis] - 1];
    *post =
        static_cast<int64_t>(static_cast<uint64_t>(*post) + static_cast<uint64_t>(bytes));
  }
}

}  // namespace

Status make_pair(int32_t ndim, const int64_t* shape, int64_t itemsize, int32_t swap,
                 const Side& dst, const Side& src, CopyPair* pair, Error* error) {
  if (!nbuf_layout_bytes_(ndim, shape, itemsize, &pair->bytes))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "overflow in shape");
  if (swap < 0 || (swap > 1 && itemsize % swap != 0))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "items of %lld bytes have no groups of %ld to reverse",
                     static_cast<long long>(itemsize), static_cast<long>(swap));
  pair->swap = swap > 1 ? swap : 0;
  pair->itemsize = itemsize;
  pair->ndim = 0;
  if (pair->bytes == 0) return NBUF_OK;
  take_side(dst, &pair->dst);
  take_side(src, &pair->src);
  for (int32_t i = 0; i < ndim; i++) {
    if (shape[i] == 1) continue;
    take_axis(dst, i, pair->ndim, &pair->dst);
    take_axis(src, i, pair->ndim, &pair->src);
    pair->shape[pair->ndim++] = shape[i];
  }
  return NBUF_OK;
}

void keep_last(CopyPair* pair) {
  int32_t kept = 0;
  for (int32_t i = 0; i < pair->ndim; i++) {
    if (pair->dst.stride[i] == 0) {
      shift(&pair->src, i, pair->shape[i] - 1);
      pair->bytes /= pair->shape[i];
      continue;
    }
    pair->shape[kept] = pair->shape[i];
    move_axis(&pair->dst, i, kept);
    move_axis(&pair->src, i, kept++);
  }
  pair->ndim = kept;
}

char* locate(const CopySide& side, int32_t ndim, const int64_t* index) {
  auto at = reinterpret_cast<uintptr_t>(side.first);
  for (int32_t level = 0;; level++) {
    if (level > 0) at = moved(at, side.post[level - 1]);
    for (int32_t i = 0; i < ndim; i++)
      if (side.level[i] == level) at = moved(at, index[i] * side.stride[i]);
    auto* place = reinterpret_cast<char*>(at);
    if (level + 1 == side.level_count) return place;
    std::memcpy(&at, place, sizeof at);  // tables need not be aligned
  }
}

Box whole_box(const CopyPair& pair) {
  Box box;
  for (int32_t i = 0; i < pair.ndim; i++) {
    box.start[i] = 0;
    box.extent[i] = pair.shape[i];
  }
  return box;
}

PieceWalk::PieceWalk(const CopyPair& pair, const Box& box) : pair_(pair), box_(box) {
  inner_.ndim = 0;
  for (int32_t i = 0; i < pair.ndim; i++) {
    index_[i] = box.start[i];
    if (pair.dst.is_pointer_axis(i) || pair.src.is_pointer_axis(i)) {
      outer_[outer_count_++] = i;
      continue;
    }
    inner_.shape[inner_.ndim] = box.extent[i];
    inner_.dst[inner_.ndim] = pair.dst.stride[i];
    inner_.src[inner_.ndim++] = pair.src.stride[i];
  }
}

bool PieceWalk::next() {
  for (int32_t k = outer_count_; k-- > 0;) {
    const int32_t i = outer_[k];
    if (++index_[i] < box_.start[i] + box_.extent[i]) return true;
    index_[i] = box_.start[i];
  }
  return false;
}

// Element by element: such layouts are rare, and no order but this one is right.
void copy_in_order(const CopyPair& pair, const std::atomic<bool>* stop) {
  constexpr int32_t kBetweenLooks = 1 << 14;  // elements
  int32_t left = kBetweenLooks;
  int64_t index[NBUF_MAX_NDIM] = {0};
  Plan item;
  make_plan(0, nullptr, pair.itemsize, pair.swap, nullptr, nullptr, &item);
  for (;;) {
    if (--left == 0) {
      // Relaxed: it only says that nobody wants the rest.
      if (stop != nullptr && stop->load(std::memory_order_relaxed)) return;
      left = kBetweenLooks;
    }
    run_plan(item, locate(pair.dst, pair.ndim, index),
             locate(pair.src, pair.ndim, index));
    int32_t axis = pair.ndim;
    while (axis-- > 0 && ++index[axis] == pair.shape[axis]) index[axis] = 0;
    if (axis < 0) return;
  }
}

Status Detour::prepare(const CopyPair& pair, Error* error) {
  pack = unpack = pair;
  unpack.swap = 0;
  int64_t size = pair.itemsize;
  for (int32_t i = pair.ndim; i-- > 0;) {
    const bool is_repeated = pair.src.stride[i] == 0;
    unpack.src.stride[i] = pack.dst.stride[i] = is_repeated ? 0 : size;
    unpack.src.level[i] = pack.dst.level[i] = 0;
    if (!is_repeated) size *= pair.shape[i];
  }
  bytes = static_cast<char*>(std::malloc(static_cast<size_t>(size)));
  if (bytes == nullptr)
    return nbuf_fail(error, NBUF_ERR_NOMEM, "%lld bytes for overlapping views",
                     static_cast<long long>(size));
  unpack.src.first = pack.dst.first = bytes;
  unpack.src.level_count = pack.dst.level_count = 1;
  keep_last(&pack);
  return NBUF_OK;
}

void Detour::finish() {
  std::free(bytes);
  bytes = nullptr;
}

}  // namespace nbuf::core
