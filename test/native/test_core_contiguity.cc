// test_core_contiguity.cc - what counts as contiguous, against the positions of all
// elements: PyBuffer_IsContiguous's rules for empty, 0-d and size-1 axes follow from
// them.
#include <limits>

#include "core/layout.h"
#include "core_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

struct Case {
  std::vector<int64_t> shape, strides;
  int64_t itemsize = 1;

  LayoutSpec spec() const {
    return {static_cast<int32_t>(shape.size()),
            shape.data(),
            strides.data(),
            50000,
            itemsize,
            "opaque"};
  }
};

// The k-th element in C or Fortran order lies at k * itemsize; without elements, always.
bool is_packed(const Case& c, bool fortran) {
  int64_t size = 1;
  for (const int64_t n : c.shape) size *= n;
  for (int64_t k = 0; k < size; k++) {
    int64_t rest = k, at = 0;
    for (size_t j = 0; j < c.shape.size(); j++) {
      const size_t i = fortran ? j : c.shape.size() - 1 - j;
      at += rest % c.shape[i] * c.strides[i];
      rest /= c.shape[i];
    }
    if (at != k * c.itemsize) return false;
  }
  return true;
}

// Packed in some order of the axes, then one thing changed now and then.
Case nearly_packed(Random& random) {
  Case c;
  c.itemsize = random.pick({1, 2, 3, 8});
  const int64_t ndim = random.between(0, 5);
  const bool fortran = random.chance(50);
  for (int64_t i = 0; i < ndim; i++)
    c.shape.push_back(random.pick({1, 1, 2, 3, 4, random.chance(10) ? 0 : 2}));
  c.strides.resize(c.shape.size());
  int64_t step = c.itemsize;
  for (size_t j = 0; j < c.shape.size(); j++) {
    const size_t i = fortran ? j : c.shape.size() - 1 - j;
    c.strides[i] = step;
    step *= c.shape[i] > 0 ? c.shape[i] : 1;
    if (random.chance(7)) step += c.itemsize;
  }
  for (size_t i = 0; i < c.shape.size(); i++) {
    if (random.chance(5)) c.strides[i] = -c.strides[i];
    if (c.shape[i] == 1 && random.chance(30)) c.strides[i] = random.pick({0, 7, kMin});
  }
  return c;
}

constexpr int64_t kBlock = 100000;

void contiguity(uint64_t seed) {
  int counts[4] = {0, 0, 0, 0};
  for (uint64_t last = seed + 20000; seed < last; seed++) {
    Random random(seed);
    Case c = nearly_packed(random);
    const uint32_t expected =
        (is_packed(c, false) ? NBUF_IS_C_ : 0u) | (is_packed(c, true) ? NBUF_IS_F_ : 0u);
    Layout* made;
    CHECK(make_layout(c.spec(), kBlock, &made, nullptr) == NBUF_OK);
    if (made == nullptr) stop_on_failure("core_contiguity", seed);
    CHECK(made->contiguity == expected);
    counts[expected]++;
    free_layout(made);
    // Without strides it is C-contiguous, and so are the strides that it is given.
    LayoutSpec packed = c.spec();
    packed.strides = nullptr;
    CHECK(make_layout(packed, kBlock, &made, nullptr) == NBUF_OK);
    for (size_t i = 0; i < c.shape.size(); i++) c.strides[i] = made->strides[i];
    CHECK((made->contiguity & NBUF_IS_C_) != 0 && is_packed(c, false));
    free_layout(made);
    stop_on_failure("core_contiguity", seed);
  }
  for (const int count : counts) CHECK(count > 500);
}

// CPython's own answers: PyBuffer_IsContiguous on memoryview(b'...') and _testbuffer.
void known_answers() {
  const struct {
    Case c;
    uint32_t expected;
  } table[] = {
      {{{}, {}, 8}, NBUF_IS_C_ | NBUF_IS_F_},
      {{{1}, {-77}, 8}, NBUF_IS_C_ | NBUF_IS_F_},
      {{{0}, {3}, 8}, NBUF_IS_C_ | NBUF_IS_F_},
      {{{5, 0, 2}, {1, 2, 3}, 8}, NBUF_IS_C_ | NBUF_IS_F_},
      {{{4}, {8}, 8}, NBUF_IS_C_ | NBUF_IS_F_},
      {{{4}, {-8}, 8}, 0},
      {{{4}, {0}, 8}, 0},
      {{{2, 3}, {24, 8}, 8}, NBUF_IS_C_},
      {{{2, 3}, {8, 16}, 8}, NBUF_IS_F_},
      {{{2, 3}, {32, 8}, 8}, 0},
      {{{2, 1, 3}, {24, 999, 8}, 8}, NBUF_IS_C_},
      {{{1, 3}, {kMin, 8}, 8}, NBUF_IS_C_ | NBUF_IS_F_},
  };
  for (const auto& known : table) {
    Layout* made;
    CHECK(make_layout(known.c.spec(), kBlock, &made, nullptr) == NBUF_OK);
    CHECK(made->contiguity == known.expected);
    free_layout(made);
  }
}

}  // namespace

int main() {
  known_answers();
  contiguity(first_seed("core_contiguity"));
  return check_result("core_contiguity");
}
