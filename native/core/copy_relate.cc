// Which way a copy can go: do the sides share bytes, do elements of dst?
#include <algorithm>
#include <cstdlib>

#include "copy_pair.h"
#include "overlap.h"

namespace nbuf::core {
namespace {

// The pieces of an indirect side: one element layout, at every address that its tables
// lead to. A direct side is one piece.
struct Pieces {
  const CopySide& side;
  int32_t ndim = 0, outer_count = 0;
  int64_t shape[NBUF_MAX_NDIM], strides[NBUF_MAX_NDIM];
  int32_t outer[NBUF_MAX_NDIM];
  int64_t low = 0, length = 0;  // bytes of each piece, from its address
  int64_t count = 1;
  uintptr_t first = UINTPTR_MAX, last = 0;  // lowest and highest address
  bool is_rising = true;                    // in C order, without overlaps
  char** at = nullptr;                      // sorted

  Pieces(const CopyPair& pair, const CopySide& of);
  ~Pieces() { std::free(at); }
  Pieces(const Pieces&) = delete;
  template <typename Use>
  void each(const CopyPair& pair, Use use) const;
  bool sort(const CopyPair& pair);
};

Pieces::Pieces(const CopyPair& pair, const CopySide& of) : side(of) {
  for (int32_t i = 0; i < pair.ndim; i++) {
    if (of.is_pointer_axis(i)) {
      outer[outer_count++] = i;
      count *= pair.shape[i];  // not above the number of elements
    } else if (of.stride[i] != 0) {
      shape[ndim] = pair.shape[i];
      strides[ndim++] = of.stride[i];
    }
  }
  int64_t high = 0;
  nbuf_layout_reach_(ndim, shape, strides, nullptr, 0, &low, &high);
  length = high - low + pair.itemsize;
  each(pair, [this](char* piece) {
    const auto address = reinterpret_cast<uintptr_t>(piece);
    is_rising =
        is_rising && (last == 0 || address >= last + static_cast<uintptr_t>(length));
    first = std::min(first, address);
    last = std::max(last, address);
  });
}

template <typename Use>
void Pieces::each(const CopyPair& pair, Use use) const {
  int64_t index[NBUF_MAX_NDIM] = {0};
  for (;;) {
    use(locate(side, pair.ndim, index));
    int32_t k = outer_count;
    while (k-- > 0 && ++index[outer[k]] == pair.shape[outer[k]]) index[outer[k]] = 0;
    if (k < 0) return;
  }
}

bool Pieces::sort(const CopyPair& pair) {
  if (at != nullptr) return true;
  if (static_cast<uint64_t>(count) > SIZE_MAX / sizeof(char*)) return false;
  at = static_cast<char**>(std::malloc(static_cast<size_t>(count) * sizeof(char*)));
  if (at == nullptr) return false;
  char** end = at;
  each(pair, [&end](char* piece) { *end++ = piece; });
  std::sort(at, end);
  return true;
}

// Steps that one pair of pieces may take; a copy of the pieces costs more.
constexpr int64_t kPieceWork = 64;

// Whether pieces of a and b may share bytes, or different pieces of a when b is a.
bool may_clash(const CopyPair& pair, Pieces& a, Pieces& b) {
  const bool is_one = &a == &b;
  if (!is_one && (a.last + a.low + a.length <= b.first + b.low ||
                  b.last + b.low + b.length <= a.first + a.low))
    return false;
  if (!a.sort(pair) || !b.sort(pair)) return true;
  int64_t checks = 4 * (a.count + b.count);  // more neighbours than that: a tangle
  for (int64_t i = 0, from = 0; i < a.count; i++) {
    const uintptr_t low = reinterpret_cast<uintptr_t>(a.at[i]) + a.low;
    const auto lower = [&](int64_t k) {
      return reinterpret_cast<uintptr_t>(b.at[k]) + b.low;
    };
    while (from < b.count && lower(from) + b.length <= low) from++;
    for (int64_t k = is_one ? i + 1 : from; k < b.count && lower(k) < low + a.length;
         k++) {
      if (checks-- <= 0) return true;
      if (find_overlap(a.ndim, a.shape, a.strides, a.at[i], b.ndim, b.shape, b.strides,
                       b.at[k], pair.itemsize, kPieceWork) != Overlap::none)
        return true;
    }
  }
  return false;
}

bool is_same_place(const CopyPair& pair) {
  const CopySide &a = pair.dst, &b = pair.src;
  if (a.first != b.first || a.level_count != b.level_count) return false;
  for (int32_t i = 0; i < pair.ndim; i++)
    if (a.stride[i] != b.stride[i] || a.level[i] != b.level[i]) return false;
  return std::equal(a.post, a.post + a.level_count - 1, b.post);
}

// A search that takes longer than the copy through a temporary would be foolish.
int64_t work_for(int64_t bytes) { return std::min<int64_t>(bytes / 16 + 64, 1 << 16); }

Relation relate_direct(const CopyPair& pair) {
  const bool nested = is_nested(pair.ndim, pair.shape, pair.itemsize, pair.dst.stride);
  const bool is_disjoint =
      find_overlap(pair.ndim, pair.shape, pair.dst.stride, pair.dst.first, pair.ndim,
                   pair.shape, pair.src.stride, pair.src.first, pair.itemsize,
                   work_for(pair.bytes)) == Overlap::none;
  if (!is_disjoint) return {Way::temporary, nested};
  return {nested ? Way::plain : Way::in_order, nested};
}

Relation relate_pieces(const CopyPair& pair) {
  Pieces dst(pair, pair.dst), src(pair, pair.src);
  const bool nested = is_nested(dst.ndim, dst.shape, pair.itemsize, dst.strides) &&
                      (dst.is_rising || !may_clash(pair, dst, dst));
  if (may_clash(pair, dst, src)) return {Way::temporary, nested};
  return {nested ? Way::plain : Way::in_order, nested};
}

}  // namespace

Relation relate(const CopyPair& pair) {
  if (is_same_place(pair)) {
    if (pair.swap == 0) return {Way::nothing, false};
    if (pair.is_direct() &&
        is_nested(pair.ndim, pair.shape, pair.itemsize, pair.dst.stride))
      return {Way::plain, true};
  }
  return pair.is_direct() ? relate_direct(pair) : relate_pieces(pair);
}

}  // namespace nbuf::core
