#include "pointer_walk.h"

#include <cstring>

#include "memory.h"

namespace nbuf::core {
namespace {

// As NBUF_WALK_FREE_ of nbuf.h, so that both accept the same layouts.
constexpr int64_t kFreeWork = NBUF_WALK_FREE_;

}  // namespace

Status PointerWalk::prepare(const LayoutSpec& spec, Error* error) {
  levels_ = spec.levels.count;
  int32_t count = 0;
  for (int32_t level = 0; level < levels_; level++) {
    const int64_t width = level + 1 < levels_ ? kPointerBytes : spec.itemsize;
    Reach& reach = reach_[level];
    if (!nbuf_layout_reach_(spec.ndim, spec.shape, spec.strides, spec.levels.axis_level,
                            level, &reach.low, &reach.high) ||
        !nbuf_add_(reach.high, width, &reach.high))
      return nbuf_fail(error, NBUF_ERR_BOUNDS, "overflow in the strides of level %ld",
                       static_cast<long>(level));
    first_[level] = count;
    for (int32_t i = 0; i < spec.ndim; i++) {
      const bool is_stepped = spec.shape[i] > 1 && spec.strides[i] != 0;
      if (!is_stepped || spec.levels.axis_level[i] != level) continue;
      extent_[count] = spec.shape[i];
      stride_[count++] = spec.strides[i];
    }
  }
  first_[levels_] = count;
  return NBUF_OK;
}

Status PointerWalk::run(int64_t start, int64_t table_size, Follow follow, void* context,
                        Error* error) {
  if (!nbuf_add_(table_size, kFreeWork, &work_)) work_ = INT64_MAX;
  follow_ = follow;
  context_ = context;
  return walk_level(0, start, error);
}

// One call a level, at most 64: recursion is bounded.
Status PointerWalk::walk_level(int32_t level, int64_t at, Error* error) {
  const int32_t first = first_[level], end = first_[level + 1];
  for (int32_t i = first; i < end; i++) index_[i] = 0;
  for (;;) {
    if (--work_ < 0)
      return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                       "the layout follows more pointers than are checked: 2^20, and "
                       "the bytes of the tables");
    int64_t next = 0;
    Status status = follow_(context_, level, at, &next, error);
    if (status == NBUF_OK && level + 2 < levels_)
      status = walk_level(level + 1, next, error);
    if (status != NBUF_OK) return status;
    // The reach lies inside a table, so that a step too far cannot overflow.
    int32_t i = end;
    for (; i > first; i--) {
      at += stride_[i - 1];
      if (++index_[i - 1] < extent_[i - 1]) break;
      at -= stride_[i - 1] * extent_[i - 1];
      index_[i - 1] = 0;
    }
    if (i == first) return NBUF_OK;
  }
}

namespace {

// Follows the pointer at byte `at` of the table to where `level` starts: an address that
// means nothing yet. BOUNDS when it is null.
Status read_pointer(const Memory& memory, int64_t at, const Levels& levels, int32_t level,
                    int64_t* target, Error* error) {
  uintptr_t pointer;
  std::memcpy(&pointer, static_cast<const char*>(memory.block.base) + at, sizeof pointer);
  if (pointer == 0)
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "a null pointer in level %ld",
                     static_cast<long>(level - 1));
  // Unsigned: the sum may be nonsense, and is checked like any other number.
  *target =
      static_cast<int64_t>(pointer + static_cast<uintptr_t>(levels.post[level - 1]));
  return NBUF_OK;
}

Status outside(int32_t level, bool is_last, Error* error) {
  return nbuf_fail(error, NBUF_ERR_BOUNDS, "%s of level %ld outside every %s",
                   is_last ? "elements" : "pointers", static_cast<long>(level),
                   is_last ? "block of elements" : "table");
}

// The place of an address, whose reach lies inside the table or, at the last level,
// inside one block of elements; BOUNDS for any other.
Status place_of(const Memory& memory, int64_t address, Reach reach, int32_t level,
                bool is_last, int32_t* hint, Place* out, Error* error) {
  const nbuf_block& table = memory.block;
  const int64_t base = address_of(table.base);
  const int32_t block = is_last ? find_block(memory, address, reach, hint)
                        : is_inside(address, reach, base, table.size) ? 0
                                                                      : -1;
  if (block < 0) return outside(level, is_last, error);
  *out = {block, address - address_of(memory.blocks[block].base)};
  return NBUF_OK;
}

struct Check {
  const Layout& layout;
  const Memory& memory;
  const PointerWalk& walk;
  int32_t hint;
};

Status check_pointer(void* context, int32_t level, int64_t at, int64_t* next,
                     Error* error) {
  auto* self = static_cast<Check*>(context);
  const bool is_last = level + 1 == self->walk.last_level();
  int64_t target = 0;
  Place place{};
  Status status =
      read_pointer(self->memory, at, self->layout.levels, level + 1, &target, error);
  if (status == NBUF_OK)
    status = place_of(self->memory, target, self->walk.reach(level + 1), level + 1,
                      is_last, &self->hint, &place, error);
  *next = place.offset;
  return status;
}

}  // namespace

Status check_pointers(const Layout& layout, const Memory& memory, Error* error) {
  PointerWalk walk;
  Status status = walk.prepare(layout.spec(), error);
  if (status != NBUF_OK) return status;
  if (!is_inside(layout.offset, walk.reach(0), 0, memory.block.size))
    return outside(0, false, error);
  Check check{layout, memory, walk, 1};
  return walk.run(layout.offset, memory.block.size, check_pointer, &check, error);
}

Status find_next_level(const LayoutSpec& spec, const Memory& memory, Place* out,
                       Error* error) {
  PointerWalk walk;
  if (!is_indirect(memory) || spec.levels.count < 2)
    return nbuf_fail(error, NBUF_ERR_SUBOFFSETS, "the layout has no pointers");
  for (int32_t i = 0; i < spec.ndim; i++)
    if (spec.shape[i] < 1)
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "the layout has no elements");
  Status status = walk.prepare(spec, error);
  if (status != NBUF_OK) return status;
  if (!is_inside(spec.offset, {0, kPointerBytes}, 0, memory.block.size))
    return outside(0, false, error);
  int64_t target = 0;
  int32_t hint = 1;
  status = read_pointer(memory, spec.offset, spec.levels, 1, &target, error);
  if (status != NBUF_OK) return status;
  return place_of(memory, target, walk.reach(1), 1, walk.last_level() == 1, &hint, out,
                  error);
}

namespace {

// *at += the way of `index` in one level.
Status step(const LayoutSpec& spec, int32_t level, const int64_t* index, int64_t* at,
            Error* error) {
  for (int32_t i = 0; i < spec.ndim; i++) {
    int64_t bytes;
    if (spec.levels.axis_level[i] != level) continue;
    if (!nbuf_mul_(index[i], spec.strides[i], &bytes) || !nbuf_add_(*at, bytes, at))
      return nbuf_fail(error, NBUF_ERR_BOUNDS, "overflow in the strides of level %ld",
                       static_cast<long>(level));
  }
  return NBUF_OK;
}

}  // namespace

Status find_element(const LayoutSpec& spec, const Memory& memory, const int64_t* index,
                    Place* out, Error* error) {
  const int32_t last = spec.levels.count - 1;
  if (!is_indirect(memory) || last < 1)
    return nbuf_fail(error, NBUF_ERR_SUBOFFSETS, "the layout has no pointers");
  if (spec.itemsize < 1)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "itemsize %lld",
                     static_cast<long long>(spec.itemsize));
  for (int32_t i = 0; i < spec.ndim; i++)
    if (index[i] < 0 || index[i] >= spec.shape[i])
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "index %lld of axis %ld",
                       static_cast<long long>(index[i]), static_cast<long>(i));
  int64_t at = 0;
  Status status = step(spec, 0, index, &at, error);
  if (status == NBUF_OK && !nbuf_add_(at, spec.offset, &at))
    return outside(0, false, error);
  int32_t hint = 1;
  for (int32_t level = 1; level <= last && status == NBUF_OK; level++) {
    if (!is_inside(at, {0, kPointerBytes}, 0, memory.block.size))
      return outside(level - 1, false, error);
    int64_t target = 0;
    status = read_pointer(memory, at, spec.levels, level, &target, error);
    if (status == NBUF_OK) status = step(spec, level, index, &target, error);
    const int64_t width = level < last ? kPointerBytes : spec.itemsize;
    if (status == NBUF_OK)
      status =
          place_of(memory, target, {0, width}, level, level == last, &hint, out, error);
    at = out->offset;
  }
  return status;
}

}  // namespace nbuf::core
