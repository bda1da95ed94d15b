// test_core_copy_in_place.cc - shifts, reversals and transposes over shared memory, large
// enough for patches and tiles, against copies through a temporary.
#include "core/copy_in_place.h"

#include "copy_fixture.h"

using namespace nbuf::core;

extern "C" {
const char* __asan_default_options() { return "allocator_may_return_null=1"; }
}

namespace {

Status copy(const CopyCase& c) {
  return copy_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                       {c.swap}, nullptr);
}

void check(const CopyCase& c, Fenced& memory, Random& random) {
  memory.scribble(random);
  std::vector<char> expected = memory.content();
  const std::vector<char> before = expected;
  model_copy(c, offsets_of(c, c.dst, memory), offsets_of(c, c.src, memory), expected,
             before);
  CHECK(copy(c) == NBUF_OK);
  CHECK(std::memcmp(memory.begin(), expected.data(), memory.size()) == 0);
}

void random_item(Random& random, CopyCase* c) {
  c->itemsize = random.pick({1, 2, 3, 4, 8, 12, 16});
  if (random.chance(30))
    c->swap = static_cast<int32_t>(c->itemsize % 3 == 0 ? 3 : c->itemsize);
}

int64_t elements(const CopyCase& c) { return c.size() * c.itemsize; }

// Mostly a few elements to one side, now and then by bytes or by rows.
bool shift_source(Random& random, CopyCase* c, const Fenced& memory) {
  c->src.strides = c->dst.strides;
  int64_t delta = random.between(-3, 3) * c->itemsize;
  if (random.chance(20)) delta = random.between(-40, 40);
  for (const int64_t stride : c->dst.strides)
    if (random.chance(30)) delta += random.between(-2, 2) * stride;
  c->src.first = c->dst.first + delta;
  const Reach reach = reach_of(*c, c->src, 0);
  return c->src.first + reach.low >= memory.begin() &&
         c->src.first + reach.high <= memory.begin() + memory.size();
}

void shifts(uint64_t seed, Fenced& memory) {
  int64_t done = 0;
  for (uint64_t last = seed + 900; seed < last; seed++) {
    Random random(seed);
    CopyCase c;
    random_item(random, &c);
    for (int64_t i = random.between(1, 3); i > 0; i--)
      c.shape.push_back(random.pick({2, 3, 40, random.between(1, 3000)}));
    if (elements(c) > 60000) continue;
    c.dst.strides = separate_strides(random, c);
    if (!place_direct(random, c, &c.dst, memory) || !shift_source(random, &c, memory))
      continue;
    check(c, memory, random);
    done++;
    stop_on_failure("core_copy_in_place", seed);
  }
  CHECK(done > 150);
}

void turns(uint64_t seed, Fenced& memory) {
  int64_t done = 0;
  for (uint64_t last = seed + 900; seed < last; seed++) {
    Random random(seed);
    CopyCase c;
    random_item(random, &c);
    const int64_t square = random.between(2, 90);
    for (int64_t i = random.between(1, 3); i > 0; i--)
      c.shape.push_back(random.pick({2, square, square, random.between(1, 3000)}));
    if (elements(c) > 60000) continue;
    c.dst.strides = separate_strides(random, c);
    if (!place_direct(random, c, &c.dst, memory)) continue;
    turn_around(random, &c);
    check(c, memory, random);
    done++;
    stop_on_failure("core_copy_in_place", seed);
  }
  CHECK(done > 150);
}

// Rows behind pointers, read and written along and across them.
void rows(uint64_t seed, Fenced& to, const Fenced& from) {
  for (uint64_t last = seed + 200; seed < last; seed++) {
    Random random(seed);
    CopyCase c;
    random_item(random, &c);
    c.shape = {random.between(1, 60), random.between(1, 60)};
    if (random.chance(30)) c.shape.push_back(random.between(1, 4));
    std::vector<char*> pointers;
    const bool is_across = random.chance(50), is_target = random.chance(50);
    TestSide& side = is_target ? c.dst : c.src;
    TestSide& plain = is_target ? c.src : c.dst;
    const Fenced& memory = is_target ? to : from;
    side.strides = separate_strides(random, c);
    for (int64_t& stride : side.strides) stride = std::abs(stride);
    const size_t axis = is_across ? 1 : 0;
    const int64_t row = reach_of(c, side, 0).high;
    side.strides[axis] = 8;
    side.axis_level.assign(c.shape.size(), 1);
    side.axis_level[axis] = 0;
    side.post = {0};
    for (int64_t i = 0; i < c.shape[axis]; i++)
      pointers.push_back(memory.begin() +
                         (c.shape[axis] - 1 - i) * (row / c.shape[axis] + 99));
    const int64_t length = reach_of(c, side, 1).high;
    if (length > row / c.shape[axis] + 99) continue;  // rows would overlap
    side.first = reinterpret_cast<char*>(pointers.data());
    for (char*& pointer : pointers)
      side.pointers[reinterpret_cast<char*>(&pointer)] = pointer;
    if (pointers[0] + length > memory.begin() + memory.size()) continue;
    plain.strides = separate_strides(random, c);
    if (!place_direct(random, c, &plain, is_target ? from : to)) continue;
    std::vector<char> expected = to.content();
    model_copy(c, offsets_of(c, c.dst, to), offsets_of(c, c.src, from), expected,
               from.content());
    CHECK(copy(c) == NBUF_OK);
    CHECK(std::memcmp(to.begin(), expected.data(), to.size()) == 0);
    stop_on_failure("core_copy_in_place", seed);
  }
}

// How a copy inside one block of 64 bytes goes: no temporary unless it must be.
struct Ways {
  Way way;
  bool in_place;
};
Ways ways(std::vector<int64_t> shape, int64_t itemsize, int64_t dst,
          std::vector<int64_t> dst_strides, int64_t src, std::vector<int64_t> src_strides,
          int32_t swap = 0) {
  static char block[64];
  CopyPair pair;
  CHECK(make_pair(static_cast<int32_t>(shape.size()), shape.data(), itemsize, swap,
                  {block + dst, dst_strides.data(), {}},
                  {block + src, src_strides.data(), {}}, &pair, nullptr) == NBUF_OK);
  keep_last(&pair);
  const Way way = relate(pair).way;
  return {way, way == Way::temporary && (copy_shifted(pair) || copy_exchanged(pair))};
}

void no_temporaries() {
  CHECK(ways({4, 4}, 1, 0, {12, 3}, 1, {12, 3}).way == Way::plain);   // two channels
  CHECK(ways({16}, 2, 0, {4}, 2, {4}).way == Way::plain);             // even and odd
  CHECK(ways({4, 4}, 2, 0, {8, 2}, 0, {8, 2}).way == Way::nothing);   // the same
  CHECK(ways({4, 4}, 2, 0, {8, 2}, 0, {8, 2}, 2).way == Way::plain);  // swapped in place
  CHECK(ways({4, 1}, 2, 0, {8, 2}, 0, {8, 7}).way == Way::nothing);   // never stepped
  CHECK(ways({8, 2}, 1, 0, {2, 1}, 8, {2, 3}).way == Way::temporary);
  CHECK(ways({4, 4}, 1, 0, {1, 1}, 32, {4, 1}).way == Way::in_order);  // windows
  CHECK(ways({4, 4}, 1, 0, {4, 1}, 32, {1, 1}).way == Way::plain);
  CHECK(ways({3, 4}, 1, 4, {4, 1}, 0, {4, 1}).in_place);  // shifted rows
  CHECK(ways({9}, 4, 0, {4}, 4, {4}, 4).in_place);
  CHECK(ways({4, 4}, 1, 0, {4, 1}, 0, {1, 4}).in_place);      // transposed
  CHECK(ways({4, 4}, 1, 0, {4, 1}, 15, {-4, -1}).in_place);   // turned around
  CHECK(ways({4, 4}, 1, 0, {4, 1}, 3, {4, -1}, 0).in_place);  // mirrored
  CHECK(!ways({4, 4}, 1, 0, {4, 1}, 12, {1, -4}).in_place);   // by 90 degrees
  CHECK(!ways({4, 4}, 1, 0, {4, 1}, 4, {1, 4}).in_place);
}

// Patches that are cut along one axis and walked along another; axes of other extents.
void cut_patches(Fenced& memory, Random& random) {
  for (const int64_t delta : {-9600, -320, -16, 16, 320, 9600})
    for (const int64_t extent : {40, 1200, 3000}) {
      CopyCase c;
      c.itemsize = 8;
      c.shape = {3, extent};
      c.dst.strides = c.src.strides = {extent * 16, 16};
      c.dst.first = memory.begin() + (delta > 0 ? delta : 0);
      c.src.first = c.dst.first - delta;
      check(c, memory, random);
    }
  CopyCase c;
  c.shape = {4, 2};
  c.dst.strides = {2, 1};
  c.src.strides = {1, 2};
  c.dst.first = c.src.first = memory.begin();
  check(c, memory, random);
}

// Layouts of the same table that differ in nothing but the levels.
void same_tables() {
  char block[] = {0, 1, 2, 3, 4, 5, 6, 7};
  char* rows[] = {block, block + 2, block + 4};
  const int64_t shape[] = {2, 2}, strides[] = {8, 1}, steps[] = {8, 8};
  const int32_t levels[] = {0, 1}, across[] = {1, 0};
  const int64_t none[] = {0}, one[] = {4};
  const auto first = reinterpret_cast<char*>(rows);
  // post 4 from the same pointers
  CHECK(copy_elements(2, shape, 1, {first, strides, {2, levels, none}},
                      {first, strides, {2, levels, one}}, {}, nullptr) == NBUF_OK);
  const char moved[] = {4, 5, 6, 7, 4, 5, 6, 7};
  CHECK(std::memcmp(block, moved, sizeof block) == 0);
  char wide[64];
  for (int i = 0; i < 64; i++) wide[i] = static_cast<char>(i);
  rows[0] = wide, rows[1] = wide + 20;
  // the other axis leads along the pointers: a transpose
  CHECK(copy_elements(2, shape, 1, {first, steps, {2, levels, none}},
                      {first, steps, {2, across, none}}, {}, nullptr) == NBUF_OK);
  CHECK(wide[0] == 0 && wide[8] == 20 && wide[20] == 8 && wide[28] == 28);
}

// Rows behind pointers in any order need no temporary, and any order will do.
void apart() {
  char block[64];
  char* rows[] = {block + 48, block + 16, block, block + 32};
  char* others[] = {block + 8, block + 24, block + 56, block + 40};
  const int64_t shape[] = {4, 8}, strides[] = {8, 1}, none[] = {0};
  const int32_t levels[] = {0, 1};
  const auto way = [&](char** to, char** from) {
    CopyPair pair;
    CHECK(make_pair(2, shape, 1, 0,
                    {reinterpret_cast<char*>(to), strides, {2, levels, none}},
                    {reinterpret_cast<char*>(from), strides, {2, levels, none}}, &pair,
                    nullptr) == NBUF_OK);
    return relate(pair);
  };
  CHECK(way(rows, others).way == Way::plain && way(others, rows).way == Way::plain);
  CHECK(way(rows, rows).way == Way::nothing);
  others[2] = block + 55;  // meets a row of neither side but by one byte
  CHECK(way(others, rows).way == Way::temporary && way(others, rows).is_nested);
  others[2] = others[0];
  CHECK(way(others, rows).way == Way::in_order);
  CHECK(way(rows, others).way == Way::plain);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_copy_in_place");
  Random random(seed);
  Fenced memory(1 << 18), other(1 << 18);
  other.scribble(random);
  shifts(seed, memory);
  turns(seed, memory);
  rows(seed, memory, other);
  cut_patches(memory, random);
  no_temporaries();
  same_tables();
  apart();
  return check_result("core_copy_in_place");
}
