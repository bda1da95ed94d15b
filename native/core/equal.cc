// Comparison of elements, by bytes or as IEEE 754 numbers.
#include <algorithm>
#include <cstring>

#include "copy_pair.h"
#include "overlap.h"

namespace nbuf::core {
namespace {

// ---- axes ----

// Both sides as one loop nest over units: the groups that are compared as one.
struct Loops {
  int32_t ndim = 0;  // the innermost first
  int64_t unit;      // bytes
  int64_t shape[NBUF_MAX_NDIM + 1], a[NBUF_MAX_NDIM + 1], b[NBUF_MAX_NDIM + 1];

  void add(int64_t extent, int64_t a_stride, int64_t b_stride) {
    const int32_t last = ndim - 1;
    if (ndim > 0 && a_stride == a[last] * shape[last] &&
        b_stride == b[last] * shape[last]) {
      shape[last] *= extent;
      return;
    }
    shape[ndim] = extent;
    a[ndim] = a_stride;
    b[ndim++] = b_stride;
  }
};

// Any order of the elements will do: that of a's memory is the fastest.
void make_loops(const InnerAxes& inner, int64_t itemsize, int64_t unit, Loops* loops) {
  int32_t order[NBUF_MAX_NDIM];
  sort_axes(inner.ndim, inner.dst, order);
  loops->unit = unit;
  loops->add(itemsize / unit, unit, unit);
  for (int32_t k = 0; k < inner.ndim; k++)
    loops->add(inner.shape[order[k]], inner.dst[order[k]], inner.src[order[k]]);
}

// Along an axis on which both sides stand still one element speaks for all: there may be
// more of them than anybody can wait for.
void drop_repeated(CopyPair* pair) {
  int32_t kept = 0;
  for (int32_t i = 0; i < pair->ndim; i++) {
    if (pair->dst.stride[i] == 0 && pair->src.stride[i] == 0) continue;
    pair->shape[kept] = pair->shape[i];
    for (CopySide* side : {&pair->dst, &pair->src}) {
      side->stride[kept] = side->stride[i];
      side->level[kept] = side->level[i];
    }
    kept++;
  }
  pair->ndim = kept;
}

// ---- rows ----

struct Rules {
  bool nan_equal;
  bool swap_a, swap_b;
};
using Row = bool (*)(const char* a, const char* b, int64_t count, int64_t a_stride,
                     int64_t b_stride, const Rules& rules);

// In a form that compilers know.
inline uint8_t reversed(uint8_t x) { return x; }
inline uint16_t reversed(uint16_t x) { return static_cast<uint16_t>(x << 8 | x >> 8); }
inline uint32_t reversed(uint32_t x) {
  x = (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
  return x << 16 | x >> 16;
}
inline uint64_t reversed(uint64_t x) {
  return uint64_t{reversed(static_cast<uint32_t>(x))} << 32 |
         reversed(static_cast<uint32_t>(x >> 32));
}

template <typename Word>
Word load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// As bits, so that the floating-point environment (flushed denormals) does not matter.
template <typename Word, int kMantissa>
struct Number {
  static constexpr Word kMagnitude = static_cast<Word>(static_cast<Word>(~Word{0}) >> 1);
  static constexpr Word kInfinity =
      static_cast<Word>(kMagnitude >> kMantissa << kMantissa);

  static constexpr bool kIsNumber = true;
  // 0 when they are equal.
  static Word differ(Word x, Word y, bool nan_equal) {
    const Word p = x & kMagnitude, q = y & kMagnitude;
    const bool is_equal = (x == y) & (p <= kInfinity);
    const bool are_zero = static_cast<Word>(p | q) == 0;
    const bool are_nan = (p > kInfinity) & (q > kInfinity) & nan_equal;
    return (is_equal | are_zero | are_nan) ? 0 : 1;
  }
};

template <typename Word>
struct Bits {
  static constexpr bool kIsNumber = false;
  static Word differ(Word x, Word y, bool) { return x ^ y; }
};

// Whether doubles, bit for bit the same as others, are equal to them. SSE2 compares 64
// bits only as doubles.
bool have_nan(const char* at, int64_t count) {
  uint64_t found = 0;
  for (int64_t i = 0; i < count; i++) {
    double x;
    std::memcpy(&x, at + i * 8, sizeof x);
    found |= x != x ? 1u : 0u;
  }
  return found != 0;
}

constexpr int64_t kBlock = 256;  // units between two looks at the result

// Without a branch for each unit; with constant strides the compiler makes vectors of it.
template <typename Word, typename As, bool kSwapA, bool kSwapB>
bool equal_block(const char* a, const char* b, int64_t count, int64_t a_stride,
                 int64_t b_stride, bool nan_equal) {
  Word differ = 0;
  for (int64_t i = 0; i < count; i++) {
    const Word x = load<Word>(a + i * a_stride), y = load<Word>(b + i * b_stride);
    differ |= As::differ(kSwapA ? reversed(x) : x, kSwapB ? reversed(y) : y, nan_equal);
  }
  return differ == 0;
}

template <typename Word, typename As, bool kSwapA, bool kSwapB>
bool equal_dense(const char* a, const char* b, int64_t count, bool nan_equal) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(Word));
  if (As::kIsNumber && kSize == 8 && !kSwapA && !kSwapB &&
      std::memcmp(a, b, static_cast<size_t>(count * kSize)) == 0 &&
      (nan_equal || !have_nan(a, count)))
    return true;
  return equal_block<Word, As, kSwapA, kSwapB>(a, b, count, kSize, kSize, nan_equal);
}

template <typename Word, typename As, bool kSwapA, bool kSwapB>
bool equal_row_as(const char* a, const char* b, int64_t count, int64_t a_stride,
                  int64_t b_stride, bool nan_equal) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(Word));
  const bool is_dense = a_stride == kSize && b_stride == kSize;
  while (count > 0) {
    const int64_t block = std::min(count, kBlock);
    if (!(is_dense ? equal_dense<Word, As, kSwapA, kSwapB>(a, b, block, nan_equal)
                   : equal_block<Word, As, kSwapA, kSwapB>(a, b, block, a_stride,
                                                           b_stride, nan_equal)))
      return false;
    count -= block;
    a += block * a_stride;
    b += block * b_stride;
  }
  return true;
}

template <typename Word, typename As>
bool equal_row(const char* a, const char* b, int64_t count, int64_t a_stride,
               int64_t b_stride, const Rules& rules) {
  const auto row = rules.swap_a ? (rules.swap_b ? equal_row_as<Word, As, true, true>
                                                : equal_row_as<Word, As, true, false>)
                                : (rules.swap_b ? equal_row_as<Word, As, false, true>
                                                : equal_row_as<Word, As, false, false>);
  return row(a, b, count, a_stride, b_stride, rules.nan_equal);
}

// Units of any size.
struct AnyUnit {
  int64_t size;
  const Rules& rules;

  bool equal(const char* a, const char* b) const {
    if (rules.swap_a == rules.swap_b)
      return std::memcmp(a, b, static_cast<size_t>(size)) == 0;
    for (int64_t i = 0; i < size; i++)
      if (a[i] != b[size - 1 - i]) return false;
    return true;
  }
};

Row row_for(Compare how, int64_t unit) {
  switch (how) {
    case Compare::float16:
      return equal_row<uint16_t, Number<uint16_t, 10>>;
    case Compare::float32:
      return equal_row<uint32_t, Number<uint32_t, 23>>;
    case Compare::float64:
      return equal_row<uint64_t, Number<uint64_t, 52>>;
    case Compare::bytes:
      break;
  }
  if (unit == 1) return equal_row<uint8_t, Bits<uint8_t>>;
  if (unit == 2) return equal_row<uint16_t, Bits<uint16_t>>;
  if (unit == 4) return equal_row<uint32_t, Bits<uint32_t>>;
  if (unit == 8) return equal_row<uint64_t, Bits<uint64_t>>;
  return nullptr;
}

bool equal_inner(const Loops& loops, Row row, const Rules& rules, const char* a,
                 const char* b) {
  const AnyUnit any = {loops.unit, rules};
  int64_t index[NBUF_MAX_NDIM + 1] = {0};
  for (;;) {
    if (row != nullptr && !row(a, b, loops.shape[0], loops.a[0], loops.b[0], rules))
      return false;
    for (int64_t i = 0; row == nullptr && i < loops.shape[0]; i++)
      if (!any.equal(a + i * loops.a[0], b + i * loops.b[0])) return false;
    int32_t axis = 1;
    for (; axis < loops.ndim; axis++) {
      a += loops.a[axis];
      b += loops.b[axis];
      if (++index[axis] < loops.shape[axis]) break;
      a -= loops.a[axis] * loops.shape[axis];
      b -= loops.b[axis] * loops.shape[axis];
      index[axis] = 0;
    }
    if (axis >= loops.ndim) return true;
  }
}

bool equal_pieces(const CopyPair& pair, Compare how, int64_t unit, const Rules& rules) {
  const Box box = whole_box(pair);
  PieceWalk walk(pair, box);
  Loops loops;
  make_loops(walk.inner(), pair.itemsize, unit, &loops);
  const bool is_plain = how == Compare::bytes && rules.swap_a == rules.swap_b;
  if (is_plain && loops.a[0] == loops.unit && loops.b[0] == loops.unit) {
    loops.unit *= loops.shape[0];  // one memcmp
    loops.shape[0] = 1;
  }
  const Row row = row_for(how, loops.unit);
  do
    if (!equal_inner(loops, row, rules, walk.dst(), walk.src())) return false;
  while (walk.next());
  return true;
}

int64_t size_of(Compare how) {
  switch (how) {
    case Compare::float16:
      return 2;
    case Compare::float32:
      return 4;
    case Compare::float64:
      return 8;
    case Compare::bytes:
      break;
  }
  return 0;
}

// The groups of bytes that are compared as one; 0 when there are no such groups.
int64_t unit_of(int64_t itemsize, const EqualOptions& options) {
  const int64_t a = options.swap_a > 1 ? options.swap_a : 0;
  const int64_t b = options.swap_b > 1 ? options.swap_b : 0;
  const int64_t number = size_of(options.how);
  const int64_t unit = number != 0 ? number : std::max(std::max(a, b), int64_t{0});
  if (unit == 0) return options.swap_a < 0 || options.swap_b < 0 ? 0 : itemsize;
  if ((a != 0 && a != unit) || (b != 0 && b != unit)) return 0;
  return options.swap_a < 0 || options.swap_b < 0 || itemsize % unit != 0 ? 0 : unit;
}

}  // namespace

Status equal_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side a,
                      Side b, const EqualOptions& options, bool* equal, Error* error) {
  CopyPair pair;
  const Status status = make_pair(ndim, shape, itemsize, 0, a, b, &pair, error);
  if (status != NBUF_OK) return status;
  *equal = true;
  if (pair.bytes == 0) return NBUF_OK;
  const int64_t unit = unit_of(itemsize, options);
  if (unit == 0)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "items of %lld bytes have no such groups to compare or reverse",
                     static_cast<long long>(itemsize));
  drop_repeated(&pair);
  const Rules rules = {options.nan_equal, options.swap_a > 1, options.swap_b > 1};
  *equal = equal_pieces(pair, options.how, unit, rules);
  return NBUF_OK;
}

}  // namespace nbuf::core
