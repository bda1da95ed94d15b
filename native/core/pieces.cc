#include "pieces.h"

#include <cstring>

namespace nbuf::core {
namespace {

// Tables of peers may stand at any alignment; and a pointer alone, without its
// post-offset, may be no address of anything.
char* dereference(const char* at, int64_t post) {
  uintptr_t target;
  std::memcpy(&target, at, sizeof target);
  return reinterpret_cast<char*>(target + static_cast<uintptr_t>(post));
}

}  // namespace

uint64_t pointer_axes(int32_t ndim, const int64_t* shape, const int64_t* strides,
                      const Levels& levels) {
  uint64_t axes = 0;
  if (levels.count < 2) return 0;
  for (int32_t i = 0; i < ndim; i++)
    if (levels.axis_level[i] + 1 < levels.count && shape[i] > 1 && strides[i] != 0)
      axes |= uint64_t{1} << i;
  return axes;
}

int64_t piece_count(int32_t ndim, const int64_t* shape, uint64_t axes) {
  int64_t count = 1;
  for (int32_t i = 0; i < ndim; i++)
    if ((axes >> i & 1) != 0) count *= shape[i];
  return count;
}

Pieces::Pieces(int32_t ndim, const int64_t* shape, const int64_t* strides,
               const Levels& levels, char* first, uint64_t axes)
    : levels_(levels.count), post_(levels.post) {
  for (int32_t i = 0; i < ndim; i++) {
    if ((axes >> i & 1) == 0) continue;
    const int32_t level = levels_ > 1 ? levels.axis_level[i] : 0;
    index_[count_] = 0;
    axes_[count_++] = {shape[i], strides[i], level};
  }
  int32_t lowest = levels_ - 1;
  for (int32_t i = count_; i-- > 0;) {
    if (axes_[i].level < lowest) lowest = axes_[i].level;
    lowest_[i] = lowest;
  }
  for (int32_t level = 0; level < levels_; level++) moved_[level] = 0;
  start_[0] = first;
  follow(0);
}

void Pieces::follow(int32_t level) {
  for (; level + 1 < levels_; level++)
    start_[level + 1] = dereference(start_[level] + moved_[level], post_[level]);
  at_ = start_[level] + moved_[level];
}

char* locate(int32_t ndim, const int64_t* strides, const Levels& levels, char* first,
             const int64_t* index) {
  for (int32_t level = 0; level < levels.count; level++) {
    if (level > 0) first = dereference(first, levels.post[level - 1]);
    for (int32_t i = 0; i < ndim; i++)
      if (levels.count == 1 || levels.axis_level[i] == level)
        first += index[i] * strides[i];
  }
  return first;
}

}  // namespace nbuf::core
