// test_core_overlap.cc - the exact decision about shared bytes, against all bytes of both
// sides, and on layouts whose bytes nobody could count: against NumPy's solver.
#include "core/overlap.h"

#include <fstream>
#include <set>
#include <string>

#include "core_fixture.h"

using namespace nbuf::core;

namespace {

struct Layout {
  std::vector<int64_t> shape, strides;
  int64_t first = 0;

  int32_t ndim() const { return static_cast<int32_t>(shape.size()); }
  // Bytes of all elements; false if two elements have one in common.
  bool bytes(int64_t itemsize, std::set<int64_t>* out) const {
    int64_t size = 1;
    for (const int64_t n : shape) size *= n;
    bool is_distinct = true;
    for (int64_t k = 0; k < size; k++) {
      int64_t at = first, rest = k;
      for (size_t i = 0; i < shape.size(); rest /= shape[i++])
        at += rest % shape[i] * strides[i];
      for (int64_t b = 0; b < itemsize; b++)
        is_distinct = out->insert(at + b).second && is_distinct;
    }
    return is_distinct;
  }
};

// Only compared, never followed.
const char* address(int64_t at) {
  return reinterpret_cast<const char*>(static_cast<uintptr_t>((int64_t{1} << 62) + at));
}

Overlap overlap(const Layout& a, const Layout& b, int64_t itemsize, int64_t work) {
  return find_overlap(a.ndim(), a.shape.data(), a.strides.data(), address(a.first),
                      b.ndim(), b.shape.data(), b.strides.data(), address(b.first),
                      itemsize, work);
}

Layout random_layout(Random& random, int64_t unit) {
  Layout layout;
  for (int64_t i = random.between(0, 3); i > 0; i--) {
    layout.shape.push_back(random.between(1, 5));
    layout.strides.push_back(random.pick({1, 1, unit}) * random.between(-12, 12));
  }
  layout.first = random.between(-60, 60);
  return layout;
}

// Every verdict is right, and many of each kind are given.
void small_layouts(uint64_t seed) {
  int64_t counts[3] = {0, 0, 0}, nested = 0;
  for (uint64_t last = seed + 300000; seed < last; seed++) {
    Random random(seed);
    const int64_t itemsize = random.pick({1, 1, 2, 3, 8}), unit = random.between(1, 9);
    const Layout a = random_layout(random, unit), b = random_layout(random, unit);
    std::set<int64_t> in_a, in_b;
    const bool is_distinct = a.bytes(itemsize, &in_a);
    b.bytes(itemsize, &in_b);
    bool meets = false;
    for (const int64_t byte : in_a) meets = meets || in_b.count(byte) != 0;
    const Overlap exact = overlap(a, b, itemsize, INT64_MAX);
    CHECK(exact == (meets ? Overlap::some : Overlap::none));
    CHECK(overlap(b, a, itemsize, INT64_MAX) == exact);
    const Overlap quick = overlap(a, b, itemsize, 1);
    CHECK(quick == exact || quick == Overlap::maybe);
    counts[static_cast<int>(overlap(a, b, itemsize, 64))]++;
    const bool nests = is_nested(a.ndim(), a.shape.data(), itemsize, a.strides.data());
    CHECK(!nests || is_distinct);
    nested += nests ? 1 : 0;
    const Extent extent =
        extent_of(a.ndim(), a.shape.data(), itemsize, a.strides.data(), address(a.first));
    CHECK(extent.low == reinterpret_cast<uintptr_t>(address(*in_a.begin())));
    CHECK(extent.high == reinterpret_cast<uintptr_t>(address(*in_a.rbegin())) + 1);
    stop_on_failure("core_overlap", seed);
  }
  CHECK(counts[0] > 30000 && counts[1] > 30000 && nested > 30000);
  // Hardly any takes a search as long as this.
  CHECK(counts[2] < 30);
}

// Steps and extents on both sides of 32 bits; the answers are known by construction.
void large_layouts(uint64_t seed) {
  for (uint64_t last = seed + 20000; seed < last; seed++) {
    Random random(seed);
    const int64_t scale = int64_t{1} << random.between(22, 40);
    const int64_t most = (int64_t{1} << 59) / scale;
    const int64_t p = random.between(scale / 16, scale),
                  q = random.between(scale / 16, scale);
    const int64_t n = random.between(2, most), m = random.between(2, most);
    const int64_t i = random.between(0, n - 1), k = random.between(0, m - 1);
    // Element i of one is element k of the other.
    Layout a = {{n}, {p}, 0}, b = {{m}, {q}, i * p - k * q};
    if (random.chance(50)) b = {{m}, {-q}, i * p + k * q};
    CHECK(overlap(a, b, 1, INT64_MAX) == Overlap::some);
    // All of one are a byte beside a grid on which all of the other are.
    const int64_t unit = random.between(2, 9);
    a.strides[0] = unit * (p / 16), b.strides[0] = unit * (q / 16);
    b.first = unit * random.between(-p, p) + random.between(1, unit - 1);
    CHECK(overlap(a, b, 1, INT64_MAX) == Overlap::none);
    stop_on_failure("core_overlap", seed);
  }
}

// The whole of 63 bits, where sums of both sides overflow.
void ends() {
  const int64_t most = INT64_MAX / 2;
  const Layout all = {{most, 2}, {1, most}, -most},
               all_back = {{most, 2}, {-1, -most}, most};
  CHECK(overlap(all, all_back, 1, 1) == Overlap::some);
  const Layout even = {{most}, {2}, -most}, odd = {{most}, {-2}, most};
  CHECK(overlap(even, odd, 1, 1) == (most * 2 % 2 == 0 ? Overlap::some : Overlap::none));
  const Layout other = {{most}, {2}, 1 - most};
  CHECK(overlap(even, other, 1, 1) == Overlap::none);
  CHECK(overlap(even, other, 2, 1) == Overlap::some);
}

// 64 axes of coprime strides: a search without a bound would never end.
void hard_layouts() {
  Layout a, b;
  const int64_t primes[] = {1000003, 1000033, 1000037, 1000039, 1000081,
                            1000099, 1000117, 1000121, 1000133, 1000151};
  for (const int64_t prime : primes) {
    a.shape.push_back(2);
    a.strides.push_back(2 * prime);
    b.shape.push_back(2);
    b.strides.push_back(2 * prime + 2);
  }
  b.first = 7000001;
  CHECK(overlap(a, b, 1, INT64_MAX) == Overlap::none);  // odd among even
  b.first = 7000010;
  CHECK(overlap(a, b, 1, 50) == Overlap::maybe);
}

Layout read_layout(std::istream& in) {
  Layout layout;
  size_t ndim = 0;
  in >> layout.first >> ndim;
  layout.shape.resize(ndim), layout.strides.resize(ndim);
  for (int64_t& n : layout.shape) in >> n;
  for (int64_t& stride : layout.strides) in >> stride;
  return layout;
}

// test/corpus/shares.py says what the numbers are.
void corpus(const char* folder) {
  std::ifstream in(std::string(folder) + "/shares.txt");
  int64_t itemsize, count = 0;
  int answer;
  while (in >> itemsize >> answer) {
    const Layout a = read_layout(in), b = read_layout(in);
    const Overlap expected = answer != 0 ? Overlap::some : Overlap::none;
    CHECK(overlap(a, b, itemsize, 1000000) == expected);
    CHECK(overlap(b, a, itemsize, 1000000) == expected);
    count++;
  }
  CHECK(count > 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  corpus(argv[1]);
  const uint64_t seed = first_seed("core_overlap");
  small_layouts(seed);
  large_layouts(seed);
  ends();
  hard_layouts();
  return check_result("core_overlap");
}
