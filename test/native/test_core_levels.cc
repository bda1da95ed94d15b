// test_core_levels.cc - random layouts with levels, good and bad ones, beside a model.
#include <cstdint>

#include "core/pieces.h"
#include "core/view_exporter.h"
#include "levels_world.h"
#include "nbuf/nbuf.h"

using namespace nbuf::core;

namespace {

// A provider by hand that says what the layout says, for nbuf_validate.
nbuf_provider described(const Shaped& s, const Memory& memory) {
  static const nbuf_provider_ops ops = {sizeof ops, 0, [](nbuf_provider*) {},
                                        [](nbuf_provider*) {}, [](nbuf_provider*) {}};
  nbuf_provider p = {};
  p.struct_size = sizeof p;
  p.ops = &ops;
  p.buf = static_cast<char*>(memory.block.base) + s.offset;
  p.len = s.elements() * s.itemsize;
  p.itemsize = s.itemsize;
  p.ndim = s.ndim;
  p.format = "opaque";
  p.shape = s.shape;
  p.strides = s.strides;
  p.blocks = memory.blocks;
  p.block_count = memory.block_count;
  p.level_count = s.levels;
  p.axis_level = s.axis_level;
  p.post_offsets = s.post;
  return p;
}

bool is_made(const Shaped& s, const Memory& memory) {
  Layout* layout;
  if (make_layout(s.spec(), memory, &layout, nullptr) != NBUF_OK) return false;
  free_layout(layout);
  return true;
}

// Every way to an element comes to the same address.
void check_addresses(LevelsWorld& world, const Shaped& s, const Memory& memory) {
  char* first = static_cast<char*>(memory.block.base) + s.offset;
  const Levels levels = s.spec().levels;
  const uint64_t axes = pointer_axes(s.ndim, s.shape, s.strides, levels);
  for (int32_t i = 0; i < s.ndim; i++) {  // as lib/ counts pieces, too
    const bool is_stepped = s.shape[i] > 1 && s.strides[i] != 0;
    CHECK((axes >> i & 1) == (is_stepped && s.axis_level[i] + 1 < s.levels));
  }
  const uint64_t all = s.ndim == 0 ? 0 : (uint64_t{1} << s.ndim) - 1;
  Pieces pieces(s.ndim, s.shape, s.strides, levels, first, axes);
  Pieces single(s.ndim, s.shape, s.strides, levels, first, all);
  int64_t visited = 0;
  s.each([&](const int64_t* index) {
    const auto expected = world.address(s, index);
    const char* at = locate(s.ndim, s.strides, levels, first, index);
    CHECK(static_cast<LevelsWorld::Wide>(address_of(at)) == expected);
    CHECK(single.at() == at);
    single.next();
    Place place{};
    CHECK(find_element(s.spec(), memory, index, &place, nullptr) == NBUF_OK);
    CHECK(static_cast<char*>(memory.blocks[place.block].base) + place.offset == at);
    bool starts = true;
    for (int32_t i = 0; i < s.ndim; i++)
      if ((axes >> i & 1) == 0 && index[i] > 0) starts = false;
    if (!starts) return;
    CHECK(pieces.at() == at);
    visited++;
    // Stands at the first one again, behind the last.
    CHECK(pieces.next() == (visited < piece_count(s.ndim, s.shape, axes)));
  });
  CHECK(visited == piece_count(s.ndim, s.shape, axes));
}

// The classic form, where there is one, leads to the same elements.
void check_suboffsets(LevelsWorld& world, const Shaped& s, const Memory& memory) {
  Layout* layout;
  CHECK(make_layout(s.spec(), memory, &layout, nullptr) == NBUF_OK);
  bool can_say = true;
  for (int32_t i = 0; i + 1 < s.levels; i++) {
    bool has_axis = false;
    for (int32_t k = 0; k < s.ndim; k++) has_axis |= s.axis_level[k] == i;
    can_say &= has_axis && s.post[i] >= 0;
  }
  for (int32_t i = 1; i < s.ndim; i++) can_say &= s.axis_level[i - 1] <= s.axis_level[i];
  CHECK((layout->suboffsets != nullptr) == can_say);
  CHECK(layout->contiguity == 0);
  if (can_say) {
    s.each([&](const int64_t* index) {
      const char* at = static_cast<char*>(memory.block.base) + s.offset;
      for (int32_t i = 0; i < s.ndim; i++) {
        at += index[i] * s.strides[i];
        if (layout->suboffsets[i] < 0) continue;
        std::memcpy(&at, at, sizeof at);
        at = reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(at) +
                                           static_cast<uintptr_t>(layout->suboffsets[i]));
      }
      CHECK(static_cast<LevelsWorld::Wide>(address_of(at)) == world.address(s, index));
    });
  }
  Layout* copy = copy_layout(*layout);
  CHECK(copy->levels.count == s.levels && copy->bytes == layout->bytes);
  CHECK((copy->suboffsets == nullptr) == (layout->suboffsets == nullptr));
  for (int32_t i = 0; i < s.ndim; i++)
    CHECK(copy->levels.axis_level[i] == s.axis_level[i] &&
          (!can_say || copy->suboffsets[i] == layout->suboffsets[i]));
  free_layout(copy);
  free_layout(layout);
}

// May wrap around: so may what hostile callers add.
void move(int64_t* value, int64_t by) {
  *value =
      static_cast<int64_t>(static_cast<uint64_t>(*value) + static_cast<uint64_t>(by));
}

// One lie about the layout; the tables stay as they are.
void twist(Random& random, Shaped* s) {
  const auto axis = static_cast<size_t>(random.between(0, s->ndim > 0 ? s->ndim - 1 : 0));
  const auto level = static_cast<size_t>(random.between(0, s->levels - 2));
  switch (random.between(0, 6)) {
    case 0:
      move(&s->strides[axis], random.pick({1, -1, 8, -8, 4, 64, -200, INT64_MAX / 4}));
      break;
    case 1:
      s->shape[axis] += random.pick({1, 2, -1});
      break;
    case 2:
      move(&s->offset, random.pick({1, 8, -8, 16, 4000, INT64_MAX / 2, INT64_MIN / 2}));
      break;
    case 3:
      move(&s->post[level], random.pick({1, -1, 8, -8, 100, -4000, int64_t{1} << 52}));
      break;
    case 4:
      s->axis_level[axis] = static_cast<int32_t>(random.between(0, s->levels - 1));
      break;
    case 5:
      s->itemsize += random.pick({1, 7, 300});
      break;
    default:
      s->levels = s->levels > 2 && random.chance(50) ? s->levels - 1 : s->levels;
      break;
  }
  if (s->shape[axis] < 0) s->shape[axis] = 0;
  for (int32_t i = 0; i < s->ndim; i++)
    if (s->axis_level[i] >= s->levels) s->axis_level[i] = s->levels - 1;
}

void spoil(Random& random, LevelsWorld* world) {
  if (world->entries.empty()) return;
  TableEntry& entry = world->entries[static_cast<size_t>(
      random.between(0, static_cast<int64_t>(world->entries.size()) - 1))];
  if (random.chance(30))
    entry.part = kNullPointer;
  else
    move(&entry.offset, random.pick({1, -1, 8, -8, 200, -5000, INT64_MAX / 2, 1 << 30}));
}

void one_case(uint64_t seed, int* good, int* bad) {
  Random random(seed);
  LevelsWorld world(random);
  if (random.chance(25)) spoil(random, &world);
  Memory* memory = world.make();
  Shaped s = world.layout;
  for (int i = 0; i < 6 && check_failures == 0; i++) {
    const bool expected = world.is_good(s);
    CHECK(is_made(s, *memory) == expected);
    const bool is_small = s.offset > -100000 && s.offset < 100000;
    if (is_small && s.elements() > 0) {
      const nbuf_provider p = described(s, *memory);
      CHECK((nbuf_validate(&p, nullptr) == NBUF_OK) == expected);
    }
    (expected ? *good : *bad)++;
    if (expected && s.elements() > 0) {
      check_addresses(world, s, *memory);
      check_suboffsets(world, s, *memory);
    }
    twist(random, &s);
  }
  release(memory);
}

// What one of many elements is found by when the layout was not checked: never outside.
void unchecked_elements(uint64_t seed) {
  Random random(seed);
  LevelsWorld world(random);
  if (random.chance(50)) spoil(random, &world);
  Memory* memory = world.make();
  Shaped s = world.layout;
  for (int i = 0; i < 3; i++) twist(random, &s);
  s.each([&](const int64_t* index) {
    Place place{};
    const Status status = find_element(s.spec(), *memory, index, &place, nullptr);
    const auto expected = world.address(s, index);
    if (status != NBUF_OK) return;
    const nbuf_block& block = memory->blocks[place.block];
    CHECK(place.block > 0 && place.offset >= 0);
    CHECK(place.offset + s.itemsize <= block.size);
    CHECK(static_cast<LevelsWorld::Wide>(address_of(block.base) + place.offset) ==
          expected);
  });
  int64_t index[NBUF_MAX_NDIM] = {};
  Place place{};
  for (int32_t i = 0; i < s.ndim; i++) {
    index[i] = random.pick({-1, s.shape[i], INT64_MAX, INT64_MIN});
    CHECK(find_element(s.spec(), *memory, index, &place, nullptr) != NBUF_OK);
    index[i] = 0;
  }
  release(memory);
}

// Where a level without axes ends: the direct layout, or the one with a level less, that
// stands there has the same elements.
void next_levels(uint64_t seed, int* met) {
  Random random(seed);
  LevelsWorld world(random);
  Memory* memory = world.make();
  Shaped s = world.layout;
  int64_t index[NBUF_MAX_NDIM];
  for (int32_t i = 0; i < s.ndim; i++) index[i] = random.between(0, s.shape[i] - 1);
  Shaped rest;
  rest.levels = s.levels - 1;
  rest.itemsize = s.itemsize;
  for (int32_t i = 0; i < rest.levels; i++) rest.post[i] = s.post[i + 1];
  for (int32_t i = 0; i < s.ndim; i++) {
    if (s.axis_level[i] == 0) {
      s.offset += index[i] * s.strides[i];
      s.shape[i] = 1;
      continue;
    }
    rest.shape[rest.ndim] = s.shape[i];
    rest.strides[rest.ndim] = s.strides[i];
    rest.axis_level[rest.ndim++] = s.axis_level[i] - 1;
  }
  Place place{};
  CHECK(find_next_level(s.spec(), *memory, &place, nullptr) == NBUF_OK);
  CHECK((place.block == 0) == (rest.levels > 1));
  rest.offset = place.offset;
  Layout* layout = nullptr;
  if (rest.levels > 1)
    CHECK(make_layout(rest.spec(), *memory, &layout, nullptr) == NBUF_OK);
  else
    CHECK(make_layout(rest.spec(), memory->blocks[place.block].size, &layout, nullptr) ==
          NBUF_OK);
  if (layout == nullptr) return;
  free_layout(layout);
  char* base = static_cast<char*>(memory->blocks[place.block].base) + place.offset;
  const Levels levels = rest.levels > 1 ? rest.spec().levels : Levels{};
  rest.each([&](const int64_t* inner) {
    int64_t whole[NBUF_MAX_NDIM];
    for (int32_t i = 0, k = 0; i < s.ndim; i++)
      whole[i] = s.axis_level[i] == 0 ? 0 : inner[k++];
    const char* at = locate(rest.ndim, rest.strides, levels, base, inner);
    CHECK(static_cast<LevelsWorld::Wide>(address_of(at)) == world.address(s, whole));
    (*met)++;
  });
  release(memory);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_levels");
  int good = 0, bad = 0, met = 0;
  for (uint64_t i = 0; i < 3000; i++) {
    one_case(seed + i, &good, &bad);
    unchecked_elements(seed + i);
    next_levels(seed + i, &met);
    stop_on_failure("core_levels", seed + i);
  }
  std::printf("core_levels: %d good, %d bad layouts\n", good, bad);
  CHECK(good > 2000 && bad > 2000 && met > 2000);
  return check_result("core_levels");
}
