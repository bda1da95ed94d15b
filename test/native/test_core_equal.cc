// test_core_equal.cc - comparisons of random layouts against one element after the other.
#include <cfloat>
#include <cmath>

#include "copy_fixture.h"

using namespace nbuf::core;

namespace {

struct Question {
  CopyCase c;
  EqualOptions options;

  int64_t unit() const {
    if (options.how == Compare::bytes) {
      const int64_t swap = std::max(options.swap_a, options.swap_b);
      return swap > 1 ? swap : 1;
    }
    return int64_t{1} << static_cast<int>(options.how);
  }
};

std::vector<char> element(const char* at, int64_t size, int32_t swap) {
  std::vector<char> bytes(at, at + size);
  if (swap > 1)
    for (int64_t i = 0; i < size; i++)
      bytes[static_cast<size_t>(i)] = at[i / swap * swap + swap - 1 - i % swap];
  return bytes;
}

double half_value(const char* at) {
  uint16_t bits;
  std::memcpy(&bits, at, 2);
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == 31) return mantissa != 0 ? NAN : sign * HUGE_VAL;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(mantissa + 1024, exponent - 25);
}

double number(const char* at, Compare how) {
  float f = 0;
  double d = 0;
  std::memcpy(&f, at, 4);
  if (how == Compare::float64) std::memcpy(&d, at, 8);
  return how == Compare::float16   ? half_value(at)
         : how == Compare::float32 ? static_cast<double>(f)
                                   : d;
}

bool model(const Question& q) {
  for (int64_t k = 0; k < q.c.size(); k++) {
    std::vector<char> a = element(q.c.at(q.c.dst, k), q.c.itemsize, q.options.swap_a);
    std::vector<char> b = element(q.c.at(q.c.src, k), q.c.itemsize, q.options.swap_b);
    if (q.options.how == Compare::bytes) {
      if (a != b) return false;
      continue;
    }
    a.resize(a.size() + 8), b.resize(b.size() + 8);  // number() reads four bytes
    for (int64_t i = 0; i < q.c.itemsize; i += q.unit()) {
      const double x = number(&a[static_cast<size_t>(i)], q.options.how);
      const double y = number(&b[static_cast<size_t>(i)], q.options.how);
      if (std::isnan(x) && std::isnan(y) && q.options.nan_equal) continue;
      if (!(x == y)) return false;
    }
  }
  return true;
}

bool make_question(Random& random, const Fenced& memory, Question* q) {
  q->options.how = static_cast<Compare>(random.between(0, 3));
  q->options.nan_equal = random.chance(50);
  const int64_t size = q->options.how != Compare::bytes
                           ? int64_t{1} << static_cast<int>(q->options.how)
                           : random.pick({1, 2, 3, 4, 8, 16, random.between(1, 17)});
  q->c.itemsize = size * random.pick({1, 1, 2, 3});
  if (random.chance(30)) q->options.swap_a = static_cast<int32_t>(size);
  if (random.chance(30)) q->options.swap_b = static_cast<int32_t>(size);
  for (int64_t i = random.between(0, 4); i > 0; i--)
    q->c.shape.push_back(random.chance(2) ? 0 : random.between(1, 5));
  if (random.chance(10)) q->c.shape = {random.between(250, 900)};
  for (TestSide* side : {&q->c.dst, &q->c.src}) {
    side->strides = separate_strides(random, q->c);
    for (int64_t& stride : side->strides)
      if (random.chance(10)) stride = 0;
    if (!(random.chance(30) ? place_levels : place_direct)(random, q->c, side, memory))
      return false;
  }
  return true;
}

constexpr double kSpecial[] = {0,    -0.0,     1,         -1,          NAN,
                               -NAN, HUGE_VAL, -HUGE_VAL, DBL_MIN / 4, DBL_MAX};

// One number of the kind into both sides: with other bits where that makes no difference.
void write_number(Random& random, Compare how, char* a, char* b) {
  const double x = kSpecial[random.between(0, 9)];
  const double y = random.chance(80) ? (x == 0 ? -x : x) : kSpecial[random.between(0, 9)];
  const double values[] = {x, y};
  char* at[] = {a, b};
  for (int i = 0; i < 2; i++) {
    const auto f = static_cast<float>(values[i]);
    uint64_t bits;
    std::memcpy(&bits, &values[i], 8);
    uint16_t half = static_cast<uint16_t>(bits >> 48 & 0x8000);
    half = static_cast<uint16_t>(half | (std::isnan(values[i])   ? 0x7c01
                                         : std::isinf(values[i]) ? 0x7c00
                                         : values[i] == 0        ? 0
                                                                 : 1));
    if (how == Compare::float16) std::memcpy(at[i], &half, 2);
    if (how == Compare::float32) std::memcpy(at[i], &f, 4);
    if (how == Compare::float64) std::memcpy(at[i], &values[i], 8);
  }
}

// Makes b mostly equal to a: element by element, or a number in other bits.
void align(Random& random, const Question& q) {
  const EqualOptions& options = q.options;
  for (int64_t k = 0; k < q.c.size(); k++) {
    char *a = q.c.at(q.c.dst, k), *b = q.c.at(q.c.src, k);
    if (options.how != Compare::bytes)
      for (int64_t i = 0; i < q.c.itemsize; i += q.unit())
        write_number(random, options.how, a + i, b + i);
    std::vector<char> value = element(a, q.c.itemsize, options.swap_a);
    value = element(value.data(), q.c.itemsize, options.swap_b);
    const std::vector<char> flipped = element(a, q.c.itemsize, options.swap_a);
    const std::vector<char> same =
        options.how == Compare::bytes ? value : element(b, q.c.itemsize, options.swap_b);
    if (options.how != Compare::bytes && options.swap_a > 1)
      std::memcpy(a, flipped.data(), flipped.size());
    std::memcpy(b, same.data(), same.size());
  }
  if (q.c.size() > 0 && random.chance(40))
    q.c.at(q.c.src,
           random.between(0, q.c.size() - 1))[random.between(0, q.c.itemsize - 1)] ^= 1;
}

Status ask(const Question& q, bool* answer) {
  return equal_elements(q.c.ndim(), q.c.shape.data(), q.c.itemsize, q.c.dst.side(),
                        q.c.src.side(), q.options, answer, nullptr);
}

void questions(uint64_t seed) {
  Fenced memory;
  int64_t answers[4][2] = {};
  for (uint64_t last = seed + 30000; seed < last; seed++) {
    Random random(seed);
    Question q;
    if (!make_question(random, memory, &q)) continue;
    if (random.chance(50)) std::memset(memory.begin(), 0, memory.size());
    align(random, q);
    const std::vector<char> before = memory.content();
    bool answer = random.chance(50);
    CHECK(ask(q, &answer) == NBUF_OK);
    CHECK(answer == model(q));
    CHECK(std::memcmp(memory.begin(), before.data(), memory.size()) == 0);
    if (q.c.size() > 1) answers[static_cast<int>(q.options.how)][answer ? 1 : 0]++;
    stop_on_failure("core_equal", seed);
  }
  for (const auto& of : answers) CHECK(of[0] > 100 && of[1] > 100);
}

// Every pair of 16-bit numbers of which one is special, and pairs that differ in one bit.
void halves() {
  const uint16_t special[] = {0,      0x8000, 1,      0x8001, 0x3c00, 0x7bff,
                              0x7c00, 0xfc00, 0x7c01, 0x7e00, 0xfe00, 0xffff};
  for (const uint16_t x : special)
    for (uint32_t y = 0; y < 65536; y++) {
      auto other = static_cast<uint16_t>(y);
      char *a = reinterpret_cast<char*>(const_cast<uint16_t*>(&x)),
           *b = reinterpret_cast<char*>(&other);
      bool answer = false, with_nan = false;
      CHECK(equal_elements(0, nullptr, 2, {a, nullptr, {}}, {b, nullptr, {}},
                           {Compare::float16, false, 0, 0}, &answer, nullptr) == NBUF_OK);
      CHECK(equal_elements(0, nullptr, 2, {a, nullptr, {}}, {b, nullptr, {}},
                           {Compare::float16, true, 0, 0}, &with_nan,
                           nullptr) == NBUF_OK);
      const double p = half_value(a), r = half_value(b);
      CHECK(answer == (p == r));
      CHECK(with_nan == (p == r || (std::isnan(p) && std::isnan(r))));
    }
}

// 2^50 and more elements that are one.
void endless() {
  char a[] = {1, 2}, b[] = {1, 2, 3};
  const int64_t shape[] = {int64_t{1} << 25, 2, int64_t{1} << 25}, still[] = {0, 1, 0};
  bool answer = false;
  CHECK(equal_elements(3, shape, 1, {a, still, {}}, {b, still, {}}, {}, &answer,
                       nullptr) == NBUF_OK);
  CHECK(answer);
  CHECK(equal_elements(3, shape, 1, {a, still, {}}, {b + 1, still, {}}, {}, &answer,
                       nullptr) == NBUF_OK);
  CHECK(!answer);
}

void refusals() {
  char item[12] = {0};
  const auto status = [&](const EqualOptions& options) {
    bool answer;
    return equal_elements(0, nullptr, 12, {item, nullptr, {}}, {item, nullptr, {}},
                          options, &answer, nullptr);
  };
  CHECK(status({}) == NBUF_OK);
  CHECK(status({Compare::float32, false, 4, 0}) == NBUF_OK);
  CHECK(status({Compare::bytes, false, 1, 6}) == NBUF_OK);
  CHECK(status({Compare::float64, false, 0, 0}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status({Compare::float32, false, 2, 0}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status({Compare::bytes, false, 4, 6}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status({Compare::bytes, false, -1, 0}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status({Compare::bytes, false, 0, 5}) == NBUF_ERR_OUT_OF_RANGE);
  const int64_t none[] = {0}, many[] = {INT64_MAX};
  bool answer = false;
  CHECK(equal_elements(1, none, 12, {nullptr, many, {}}, {nullptr, many, {}}, {}, &answer,
                       nullptr) == NBUF_OK &&
        answer);
  CHECK(equal_elements(1, many, 12, {item, none, {}}, {item, none, {}}, {}, &answer,
                       nullptr) == NBUF_ERR_OUT_OF_RANGE);
}

}  // namespace

int main() {
  questions(first_seed("core_equal"));
  halves();
  endless();
  refusals();
  return check_result("core_equal");
}
