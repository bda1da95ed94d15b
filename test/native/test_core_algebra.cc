// test_core_algebra.cc - the corners of the view algebra that numbers in JavaScript
// cannot reach; test/layout_core.test.ts has the rest. Meant for
// UndefinedBehaviorSanitizer.
#include <initializer_list>
#include <limits>

#include "core/layout_algebra.h"
#include "core_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kHuge = int64_t{1} << 62;

using Numbers = std::initializer_list<int64_t>;

Axes axes_of(Numbers shape, Numbers strides, int64_t offset = 0) {
  Axes axes;
  axes.offset = offset;
  for (const int64_t n : shape) axes.shape[axes.ndim++] = n;
  int32_t i = 0;
  for (const int64_t n : strides) axes.strides[i++] = n;
  return axes;
}

bool is(const Axes& found, Numbers shape, Numbers strides, int64_t offset) {
  const Axes wanted = axes_of(shape, strides, offset);
  return found.ndim == wanted.ndim && found.offset == offset &&
         std::memcmp(found.shape, wanted.shape, sizeof wanted.shape) == 0 &&
         std::memcmp(found.strides, wanted.strides, sizeof wanted.strides) == 0;
}

Select index(int64_t at) { return {Select::Kind::index, at}; }
Select range(int64_t start, int64_t stop, int64_t step) {
  return {Select::Kind::range, start, stop, step, true, true};
}
Select open_range(int64_t step) { return {Select::Kind::range, 0, 0, step}; }

Status slice_one(const Axes& from, const Select& item, Axes* out) {
  return slice(from, &item, 1, out, nullptr);
}

void extreme_ranges() {
  const Axes from = axes_of({10}, {1}, 100);
  Axes out;
  CHECK(slice_one(from, range(kMin, kMax, kMax), &out) == NBUF_OK);
  CHECK(out.shape[0] == 1 && out.offset == 100);
  CHECK(slice_one(from, range(kMax, kMin, kMin), &out) == NBUF_OK);
  CHECK(out.shape[0] == 1 && out.offset == 109);
  CHECK(slice_one(from, open_range(kMin), &out) == NBUF_OK);
  CHECK(out.shape[0] == 1 && out.offset == 109);
  CHECK(slice_one(from, range(kMin, kMin, -1), &out) == NBUF_OK && out.shape[0] == 0);
  CHECK(slice_one(from, range(kMax, kMax, 1), &out) == NBUF_OK && out.shape[0] == 0);
  for (const int64_t at : {kMin, kMax, int64_t{10}, int64_t{-11}})
    CHECK(slice_one(from, index(at), &out) == NBUF_ERR_OUT_OF_RANGE);
  const Axes whole = axes_of({kMax}, {0});
  CHECK(slice_one(whole, open_range(-1), &out) == NBUF_OK && out.shape[0] == kMax);
  CHECK(slice_one(whole, range(kMin, kMax, 2), &out) == NBUF_OK);
  CHECK(out.shape[0] == kHuge);
  CHECK(slice_one(whole, index(-1), &out) == NBUF_OK && out.ndim == 0);
  CHECK(slice_one(axes_of({3}, {kHuge}), open_range(4), &out) == NBUF_OK);
  CHECK(out.shape[0] == 1);  // whose stride would overflow, and does not matter
}

// Without elements any stride is allowed, there is no way to go, and nothing moves.
void empty_layouts() {
  const Axes empty = axes_of({0, kHuge}, {8, kHuge}, 7);
  const Select picked[] = {range(0, 0, 1), index(4)};
  Axes out;
  CHECK(slice(empty, picked, 2, &out, nullptr) == NBUF_OK && is(out, {0}, {8}, 7));
  const Select turned[] = {range(0, 0, 1), open_range(-1)};
  CHECK(slice(empty, turned, 2, &out, nullptr) == NBUF_OK);
  CHECK(is(out, {0, kHuge}, {8, -kHuge}, 7));
  const Select beyond[] = {range(0, 0, 1), index(kHuge)};
  CHECK(slice(empty, beyond, 2, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  const Select emptied[] = {range(0, 0, 1), index(1)};
  CHECK(slice(axes_of({9, 4}, {1, 16}, 7), emptied, 2, &out, nullptr) == NBUF_OK);
  CHECK(is(out, {0}, {1}, 7));
}

// No block holds these; still, no sum wraps around.
void overflowing_offsets() {
  const Axes wide = axes_of({4, 4, 4}, {kHuge, kHuge, kHuge}, 1);
  const Select far[] = {index(3)}, sum[] = {index(1), index(1)};
  const Select last[] = {open_range(-1)}, near[] = {index(1)};
  Axes out;
  CHECK(slice(wide, far, 1, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(slice(wide, sum, 2, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(slice(wide, last, 1, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(slice(wide, near, 1, &out, nullptr) == NBUF_OK && out.offset == kHuge + 1);
  Axes late = wide;
  late.offset = kHuge;
  CHECK(slice(late, near, 1, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
}

void reshaping() {
  Axes out;
  const int64_t back[] = {0, kHuge, 4}, front[] = {kHuge, 4, 0}, fine[] = {kHuge, 0, 1};
  const Axes empty = axes_of({0}, {1});
  CHECK(reshape(empty, 3, back, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(reshape(empty, 3, front, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(reshape(empty, 3, fine, &out, nullptr) == NBUF_OK);
  const int64_t unknown[] = {0, -1}, two_unknown[] = {-1, -1}, negative[] = {kMin};
  CHECK(reshape(empty, 2, unknown, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(reshape(empty, 2, two_unknown, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(reshape(empty, 1, negative, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  // The stride of an axis that does not exist, or of one element, may overflow.
  const Axes wide = axes_of({2, 4}, {1, kHuge / 2});
  const int64_t flat[] = {8}, split[] = {2, 2, 2}, added[] = {1, 2, 1, 4};
  CHECK(reshape(wide, 1, flat, &out, nullptr) == NBUF_ERR_CONTIGUITY);
  CHECK(reshape(wide, 3, split, &out, nullptr) == NBUF_OK);
  CHECK(is(out, {2, 2, 2}, {1, kHuge, kHuge / 2}, 0));
  CHECK(reshape(wide, 4, added, &out, nullptr) == NBUF_OK);
  CHECK(out.strides[1] == 1 && out.strides[3] == kHuge / 2);
  int64_t ones[65];
  for (int64_t& n : ones) n = 1;
  CHECK(reshape(Axes{}, 64, ones, &out, nullptr) == NBUF_OK && out.ndim == 64);
  CHECK(reshape(Axes{}, 65, ones, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(reshape(Axes{}, -1, ones, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
}

void broadcasting() {
  Axes out;
  const int64_t most[] = {kMax}, more[] = {kHuge, 2}, hidden[] = {0, kHuge, 2};
  CHECK(broadcast(Axes{}, 1, most, &out, nullptr) == NBUF_OK);
  CHECK(is(out, {kMax}, {0}, 0));
  CHECK(broadcast(Axes{}, 2, more, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(broadcast(Axes{}, 3, hidden, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  Axes wide;
  wide.itemsize = 2;
  CHECK(broadcast(wide, 1, most, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  int64_t ones[65];
  for (int64_t& n : ones) n = 1;
  CHECK(broadcast(Axes{}, 64, ones, &out, nullptr) == NBUF_OK && out.ndim == 64);
  CHECK(broadcast(Axes{}, 65, ones, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(broadcast(axes_of({1}, {1}), 0, ones, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
}

void transposing() {
  const Axes from = axes_of({2, 3, 4}, {12, 4, 1}, 5);
  Axes out;
  const int32_t order[] = {-1, 0, 1}, twice[] = {1, -2, 0}, wild[] = {0, 1, INT32_MIN};
  CHECK(transpose(from, order, &out, nullptr) == NBUF_OK);
  CHECK(is(out, {4, 2, 3}, {1, 12, 4}, 5));
  CHECK(transpose(from, nullptr, &out, nullptr) == NBUF_OK);
  CHECK(is(out, {4, 3, 2}, {1, 4, 12}, 5));
  CHECK(transpose(from, twice, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(transpose(from, wild, &out, nullptr) == NBUF_ERR_OUT_OF_RANGE);
}

}  // namespace

int main() {
  extreme_ranges();
  empty_layouts();
  overflowing_offsets();
  reshaping();
  broadcasting();
  transposing();
  return check_result("core_algebra");
}
