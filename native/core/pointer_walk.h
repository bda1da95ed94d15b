// A walk over every pointer of an indirect layout, each once for every way to it.
#ifndef NBUF_CORE_POINTER_WALK_H
#define NBUF_CORE_POINTER_WALK_H

#include "layout.h"

namespace nbuf::core {

constexpr int64_t kPointerBytes = sizeof(void*);

// The bytes [low, high) around the place where a level starts: all that its axes reach.
struct Reach {
  int64_t low, high;
};

// An address as a number: it means nothing before it was found inside a block.
inline int64_t address_of(const void* at) {
  return static_cast<int64_t>(reinterpret_cast<intptr_t>(at));
}

// Does that reach around `at`, both numbers, lie inside [base, base + size)?
inline bool is_inside(int64_t at, Reach reach, int64_t base, int64_t size) {
  int64_t low, high;
  return nbuf_add_(at, reach.low, &low) && nbuf_add_(at, reach.high, &high) &&
         low >= base && high <= base + size;
}

class PointerWalk {
 public:
  // Reads the pointer of `level` at byte `at` of the table; where the next level of
  // pointers starts in the table becomes *next.
  using Follow = Status (*)(void* context, int32_t level, int64_t at, int64_t* next,
                            Error* error);

  // A spec with levels whose extents are all > 0. BOUNDS where a reach overflows.
  Status prepare(const LayoutSpec& spec, Error* error);
  Reach reach(int32_t level) const { return reach_[level]; }
  int32_t last_level() const { return levels_ - 1; }

  // Calls `follow` for every pointer, outer levels first, the first level starting at
  // `start`; whoever follows one checks the next level's reach. BOUNDS beyond 2^20 +
  // `table_size` of them: tables that point at one table would take for ever.
  Status run(int64_t start, int64_t table_size, Follow follow, void* context,
             Error* error);

 private:
  Status walk_level(int32_t level, int64_t at, Error* error);

  int32_t levels_;
  Reach reach_[NBUF_MAX_NDIM];
  // Axes that are stepped along, by level: those of level L start at first_[L].
  int32_t first_[NBUF_MAX_NDIM + 1];
  int64_t extent_[NBUF_MAX_NDIM], stride_[NBUF_MAX_NDIM], index_[NBUF_MAX_NDIM];
  int64_t work_;
  Follow follow_;
  void* context_;
};

// The block of elements in which this reach around `at` lies, *hint being tried first;
// -1: there is none. (Of an assembly's blocks: logarithmic, also where blocks overlap.)
int32_t find_block(const Memory& memory, int64_t at, Reach reach, int32_t* hint);

// A byte of a block of the memory; block 0 is the table.
struct Place {
  int32_t block;
  int64_t offset;  // bytes
};

// One element of an indirect layout whose pointers were not checked: those on the way
// are. OUT_OF_RANGE for an index outside the shape.
Status find_element(const LayoutSpec& spec, const Memory& memory, const int64_t* index,
                    Place* out, Error* error);

// Where level 1 starts behind the one pointer where the layout starts, and all that it
// reaches lies: the table, or, when it is the last, a block of elements.
Status find_next_level(const LayoutSpec& spec, const Memory& memory, Place* out,
                       Error* error);

// Every pointer of a layout over `memory`, whose first block is a table of pointers:
// BOUNDS for a null pointer, and for one that leads out of the table or out of every
// block of elements.
Status check_pointers(const Layout& layout, const Memory& memory, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_POINTER_WALK_H
