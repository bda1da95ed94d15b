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
      return nbuf_fail(error, NBUF_ERR_BOUNDS,
                       "more pointers than the tables have bytes");
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

struct Check {
  const Layout& layout;
  const Memory& memory;
  const PointerWalk& walk;
  int32_t hint;
};

Status check_pointer(void* context, int32_t level, int64_t at, int64_t* next,
                     Error* error) {
  auto* self = static_cast<Check*>(context);
  const nbuf_block& table = self->memory.block;
  const char* pointer;
  std::memcpy(&pointer, static_cast<const char*>(table.base) + at, sizeof pointer);
  if (pointer == nullptr)
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "a null pointer in level %ld",
                     static_cast<long>(level));
  // Unsigned: the sum may be nonsense, and is checked like any other number.
  const auto target =
      static_cast<int64_t>(static_cast<uint64_t>(address_of(pointer)) +
                           static_cast<uint64_t>(self->layout.levels.post[level]));
  const Reach reach = self->walk.reach(level + 1);
  const bool is_last = level + 1 == self->walk.last_level();
  const bool is_good =
      is_last ? find_block(self->memory, target, reach, &self->hint) > 0
              : is_inside(target, reach, address_of(table.base), table.size);
  *next = target - address_of(table.base);
  if (is_good) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_BOUNDS, "%s of level %ld outside every %s",
                   is_last ? "elements" : "pointers", static_cast<long>(level + 1),
                   is_last ? "block of elements" : "table");
}

}  // namespace

Status check_pointers(const Layout& layout, const Memory& memory, Error* error) {
  PointerWalk walk;
  Status status = walk.prepare(layout.spec(), error);
  if (status != NBUF_OK) return status;
  if (!is_inside(layout.offset, walk.reach(0), 0, memory.block.size))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "pointers of level 0 outside every table");
  Check check{layout, memory, walk, 1};
  return walk.run(layout.offset, memory.block.size, check_pointer, &check, error);
}

}  // namespace nbuf::core
