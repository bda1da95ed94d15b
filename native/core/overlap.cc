#include "overlap.h"

#include <algorithm>

namespace nbuf::core {
namespace {

constexpr uint64_t kMost = INT64_MAX;  // two of them fit into 64 bits

uint64_t magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value)
                   : static_cast<uint64_t>(value);
}

uint64_t gcd(uint64_t a, uint64_t b) {
  while (b != 0) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// a * b mod m, for m up to 2^63; without 128-bit integers, which MSVC lacks.
uint64_t multiply(uint64_t a, uint64_t b, uint64_t m) {
  a %= m;
  b %= m;
  if (((a | b) >> 32) == 0) return a * b % m;
  uint64_t product = 0;
  for (; b != 0; b >>= 1, a = (a + a) % m)
    if ((b & 1) != 0) product = (product + a) % m;
  return product;
}

// The x in [0, m) with a * x = 1 mod m; a and m have no common divisor.
uint64_t inverse(uint64_t a, uint64_t m) {
  int64_t r = static_cast<int64_t>(m), next_r = static_cast<int64_t>(a % m);
  int64_t t = 0, next_t = 1;  // never above m in magnitude
  while (next_r != 0) {
    const int64_t q = r / next_r;
    const int64_t rest = r - q * next_r, step = t - q * next_t;
    r = next_r;
    next_r = rest;
    t = next_t;
    next_t = step;
  }
  return static_cast<uint64_t>(t < 0 ? t + static_cast<int64_t>(m) : t) % m;
}

struct Term {
  uint64_t factor, most;
};

// Sum of factor[i] * x[i] = goal, 0 <= x[i] <= most[i].
class Equation {
 public:
  explicit Equation(uint64_t goal) : goal_(goal) {}

  void add(uint64_t factor, uint64_t most) {
    if (factor == 0) return;
    most = std::min(most, goal_ / factor);  // keeps all products within 63 bits
    if (most != 0) terms_[count_++] = {factor, most};
  }

  Overlap solve(int64_t max_work) {
    prepare();
    work_ = max_work;
    return search(0, goal_);
  }

 private:
  // Largest factors first: what is left over is then filled by the small ones.
  void prepare() {
    std::sort(terms_, terms_ + count_,
              [](const Term& a, const Term& b) { return a.factor > b.factor; });
    int32_t kept = 0;
    for (int32_t i = 0; i < count_; i++) {
      if (kept > 0 && terms_[kept - 1].factor == terms_[i].factor) {
        Term& same = terms_[kept - 1];
        same.most = std::min(same.most + terms_[i].most, goal_ / same.factor);
      } else {
        terms_[kept++] = terms_[i];
      }
    }
    count_ = kept;
    divisor_[count_] = sum_[count_] = 0;
    is_dense_[count_] = true;
    for (int32_t i = count_; i-- > 0;) {
      const Term& term = terms_[i];
      divisor_[i] = gcd(term.factor, divisor_[i + 1]);
      sum_[i] = std::min(kMost, sum_[i + 1] + term.factor * term.most);
      // Steps of this factor leave no gaps between the dense sums of the rest.
      is_dense_[i] =
          i + 1 == count_ || (is_dense_[i + 1] && divisor_[i] == divisor_[i + 1] &&
                              term.factor <= sum_[i + 1] + divisor_[i]);
    }
  }

  Overlap search(int32_t i, uint64_t goal) {
    if (goal == 0) return Overlap::some;
    if (i == count_ || goal > sum_[i] || goal % divisor_[i] != 0) return Overlap::none;
    if (is_dense_[i]) return Overlap::some;
    const Term& term = terms_[i];
    const uint64_t rest = sum_[i + 1];
    const uint64_t low = goal > rest ? (goal - rest - 1) / term.factor + 1 : 0;
    const uint64_t high = std::min(term.most, goal / term.factor);
    // factor * x = goal mod the divisor of the rest
    const uint64_t step = divisor_[i + 1] / divisor_[i];
    uint64_t x =
        multiply(goal / divisor_[i], inverse(term.factor / divisor_[i], step), step);
    if (x < low) x += ((low - x - 1) / step + 1) * step;
    for (; x <= high; x += step) {
      if (work_-- <= 0) return Overlap::maybe;
      const Overlap found = search(i + 1, goal - term.factor * x);
      if (found != Overlap::none) return found;
    }
    return Overlap::none;
  }

  uint64_t goal_;
  int64_t work_ = 0;
  int32_t count_ = 0;
  Term terms_[2 * NBUF_MAX_NDIM + 2];
  // Of the terms from this one on: greatest common divisor, largest sum, and whether
  // every multiple of the divisor up to that sum is one.
  uint64_t divisor_[2 * NBUF_MAX_NDIM + 3], sum_[2 * NBUF_MAX_NDIM + 3];
  bool is_dense_[2 * NBUF_MAX_NDIM + 3];
};

}  // namespace

Extent extent_of(int32_t ndim, const int64_t* shape, int64_t itemsize,
                 const int64_t* strides, const char* first) {
  int64_t low = 0, high = 0;
  nbuf_layout_reach_(ndim, shape, strides, nullptr, 0, &low, &high);
  const auto address = reinterpret_cast<uintptr_t>(first);
  return {address + static_cast<uintptr_t>(low),
          address + static_cast<uintptr_t>(high) + static_cast<uintptr_t>(itemsize)};
}

Overlap find_overlap(int32_t a_ndim, const int64_t* a_shape, const int64_t* a_strides,
                     const char* a, int32_t b_ndim, const int64_t* b_shape,
                     const int64_t* b_strides, const char* b, int64_t itemsize,
                     int64_t max_work) {
  const Extent x = extent_of(a_ndim, a_shape, itemsize, a_strides, a);
  const Extent y = extent_of(b_ndim, b_shape, itemsize, b_strides, b);
  if (!x.meets(y)) return Overlap::none;
  // x.low + terms of a = y.high - 1 - terms of b, all terms counted upwards; or the other
  // way round. The smaller right side lies within one extent: 63 bits.
  Equation equation(std::min(y.high - 1 - x.low, x.high - 1 - y.low));
  for (int32_t i = 0; i < a_ndim; i++)
    equation.add(magnitude(a_strides[i]), static_cast<uint64_t>(a_shape[i] - 1));
  for (int32_t i = 0; i < b_ndim; i++)
    equation.add(magnitude(b_strides[i]), static_cast<uint64_t>(b_shape[i] - 1));
  const auto item = static_cast<uint64_t>(itemsize);
  equation.add(1, item - 1);  // bytes of an item of a
  equation.add(1, item - 1);  // and of b
  return equation.solve(max_work);
}

void sort_axes(int32_t ndim, const int64_t* strides, int32_t* order) {
  for (int32_t i = 0; i < ndim; i++) {
    int32_t at = i;  // insertion: few axes, mostly in descending order
    for (; at > 0 && magnitude(strides[order[at - 1]]) > magnitude(strides[i]); at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
}

bool is_nested(int32_t ndim, const int64_t* shape, int64_t itemsize,
               const int64_t* strides) {
  int32_t order[NBUF_MAX_NDIM];
  sort_axes(ndim, strides, order);
  auto spread = static_cast<uint64_t>(itemsize);
  for (int32_t k = 0; k < ndim; k++) {
    const int32_t i = order[k];
    if (shape[i] < 2) continue;
    if (magnitude(strides[i]) < spread) return false;
    spread += magnitude(strides[i]) * static_cast<uint64_t>(shape[i] - 1);
  }
  return true;
}

}  // namespace nbuf::core
