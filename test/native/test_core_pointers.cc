// test_core_pointers.cc - the limits of walks over pointers: work, repeated axes, many
// blocks and overlapping ones.
#include <chrono>

#include "core/pointer_walk.h"
#include "levels_world.h"

using namespace nbuf::core;

namespace {

Provider* provide(char* bytes, int64_t size) {
  Memory* memory;
  LayoutSpec spec;
  spec.ndim = 1;
  spec.shape = &size;
  CHECK(make_adopted_memory(bytes, size, 0, nullptr, nullptr, &memory, nullptr) ==
        NBUF_OK);
  const nbuf_request request = request_of(NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT);
  Provider* made;
  CHECK(provide_memory(memory, spec, 0, &request, nullptr, &made, nullptr) == NBUF_OK);
  return made;
}

Memory* assemble(const std::vector<Provider*>& parts,
                 const std::vector<TableEntry>& entries, Status expected = NBUF_OK) {
  Memory* memory;
  CHECK(make_assembly(parts.data(), static_cast<int32_t>(parts.size()), entries.data(),
                      static_cast<int64_t>(entries.size()), 0, &memory,
                      nullptr) == expected);
  for (Provider* part : parts) release(part);
  return memory;
}

Status try_layout(const Shaped& s, const Memory& memory, nbuf_error* error = nullptr) {
  Layout* layout;
  const Status status = make_layout(s.spec(), memory, &layout, error);
  if (layout != nullptr) free_layout(layout);
  return status;
}

// Each of 64 entries of a table leads to the whole next table: 64^depth good ways.
void work_is_limited() {
  char item = 1;
  std::vector<TableEntry> entries;
  Shaped s;
  s.ndim = s.levels = 7;
  s.levels++;
  for (int32_t level = 0; level < s.ndim; level++) {
    for (int k = 0; k < 64; k++)
      entries.push_back(level + 1 < s.ndim ? TableEntry{kThisTable, 512 * (level + 1)}
                                           : TableEntry{0, 0});
    s.shape[level] = 64;
    s.strides[level] = 8;
    s.axis_level[level] = level;
  }
  Memory* memory = assemble({provide(&item, 1)}, entries);
  nbuf_error error = no_error();
  CHECK(try_layout(s, *memory, &error) == NBUF_ERR_UNSUPPORTED);
  CHECK_TEXT(error.message, "more pointers than are checked");
  s.offset = 512 * 4;  // the last three: a quarter of a million
  s.ndim = 3;
  s.levels = 4;
  CHECK(try_layout(s, *memory) == NBUF_OK);
  release(memory);
}

// Axes that repeat are walked once, however often they repeat.
void repeated_axes() {
  char items[4] = {};
  Memory* memory = assemble({provide(items, 4)}, {{0, 3}});
  Shaped s;
  s.ndim = 3;
  s.levels = 2;
  const int64_t shape[] = {int64_t{1} << 30, 4, int64_t{1} << 30};
  for (int32_t i = 0; i < 3; i++) s.shape[i] = shape[i];
  s.strides[1] = -1;
  s.axis_level[1] = s.axis_level[2] = 1;
  CHECK(try_layout(s, *memory) == NBUF_OK);
  s.strides[1] = 1;
  CHECK(try_layout(s, *memory) == NBUF_ERR_BOUNDS);
  s.strides[1] = -1;
  s.strides[0] = 8;
  CHECK(try_layout(s, *memory) == NBUF_ERR_BOUNDS);
  s.strides[0] = INT64_MAX;
  CHECK(try_layout(s, *memory) == NBUF_ERR_BOUNDS);
  s.shape[0] = int64_t{1} << 60;
  CHECK(try_layout(s, *memory) == NBUF_ERR_OUT_OF_RANGE);  // more bytes than 2^63
  release(memory);
}

void wrong_levels() {
  char item = 0;
  Memory* memory = assemble({provide(&item, 1)}, {{0, 0}});
  Shaped s;
  s.ndim = 1;
  s.levels = 2;
  s.shape[0] = 1;
  CHECK(try_layout(s, *memory) == NBUF_OK);
  for (const int32_t level : {-1, 2, INT32_MAX}) {
    s.axis_level[0] = level;
    CHECK(try_layout(s, *memory) == NBUF_ERR_OUT_OF_RANGE);
  }
  s.axis_level[0] = 0;
  for (const int32_t levels : {0, -1, 65, INT32_MAX}) {
    s.levels = levels;
    CHECK(try_layout(s, *memory) == NBUF_ERR_OUT_OF_RANGE);
  }
  s.levels = 2;
  LayoutSpec spec = s.spec();
  Layout* layout;
  spec.strides = nullptr;
  CHECK(make_layout(spec, *memory, &layout, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  spec = s.spec();
  spec.levels.post = nullptr;
  CHECK(make_layout(spec, *memory, &layout, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  spec = s.spec();
  spec.levels.axis_level = nullptr;
  CHECK(make_layout(spec, *memory, &layout, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(make_layout(s.spec(), 1000, &layout, nullptr) == NBUF_ERR_BOUNDS);
  Place place{};
  const int64_t index = 0;
  CHECK(find_element(s.spec(), *memory, &index, &place, nullptr) == NBUF_OK);
  CHECK(place.block == 1 && place.offset == 0);
  spec = {1, s.shape, s.strides, 0, 1, "B"};
  CHECK(find_element(spec, *memory, &index, &place, nullptr) == NBUF_ERR_SUBOFFSETS);
  CHECK(find_next_level(spec, *memory, &place, nullptr) == NBUF_ERR_SUBOFFSETS);
  s.shape[0] = 0;
  CHECK(find_next_level(s.spec(), *memory, &place, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(find_element(s.spec(), *memory, &index, &place, nullptr) ==
        NBUF_ERR_OUT_OF_RANGE);
  release(memory);
}

// Blocks that overlap, contain one another, touch: each answer holds the reach, and there
// is one whenever a slow look finds one.
void overlapping_blocks(uint64_t seed) {
  Random random(seed);
  static char memory[4096];
  std::vector<Provider*> parts;
  const int64_t count = random.between(1, 30);
  for (int64_t i = 0; i < count; i++) {
    const int64_t from = random.between(0, 4000);
    parts.push_back(provide(memory + from, random.between(0, 4096 - from)));
  }
  Memory* made = assemble(parts, {});
  int32_t hint = 1;
  for (int i = 0; i < 200; i++) {
    const int64_t at = address_of(memory) + random.between(-20, 4110);
    const Reach reach = {-random.between(0, 30), random.between(1, 200)};
    bool is_there = false;
    for (int32_t k = 1; k < made->block_count; k++)
      is_there |=
          is_inside(at, reach, address_of(made->blocks[k].base), made->blocks[k].size);
    if (random.chance(10)) hint = static_cast<int32_t>(random.between(-1, 40));
    const int32_t found = find_block(*made, at, reach, &hint);
    CHECK((found > 0) == is_there);
    if (found > 0)
      CHECK(is_inside(at, reach, address_of(made->blocks[found].base),
                      made->blocks[found].size));
  }
  CHECK(find_block(*made, INT64_MAX, {0, 1}, &hint) == -1);
  CHECK(find_block(*made, INT64_MIN, {-1, 1}, &hint) == -1);
  release(made);
}

// Elements that claim the table's memory could change what was checked.
void claimed_tables() {
  auto* all = reinterpret_cast<char*>(uintptr_t{64});
  CHECK(assemble({provide(all, INT64_MAX - 64)}, {{0, 0}}, NBUF_ERR_ABI) == nullptr);
}

// nbuf_validate, which sorts nothing, finds the next row beside the last one.
void validate_backwards(char* memory, int32_t rows) {
  std::vector<Provider*> parts;
  std::vector<TableEntry> entries;
  for (int32_t i = 0; i < rows; i++) {
    parts.push_back(provide(memory + 2 * i, 1));
    entries.push_back({rows - 1 - i, 0});
  }
  const int64_t shape[] = {rows}, strides[] = {8}, post[] = {0};
  const int32_t axis_level[] = {0};
  const LayoutSpec spec = {1, shape, strides, 0, 1, "B", {2, axis_level, post}};
  const nbuf_request request = request_of(NBUF_FULL);
  Provider* p;
  CHECK(provide_memory(assemble(parts, entries), spec, 0, &request, nullptr, &p,
                       nullptr) == NBUF_OK);
  CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
  release(p);
}

// Rows in any order over many blocks: no search through all of them for each.
void many_blocks() {
  constexpr int64_t kRows = 100000;
  static char memory[kRows * 2];
  Random random(1);
  std::vector<Provider*> parts;
  std::vector<TableEntry> entries;
  for (int32_t i = 0; i < kRows; i++) {
    parts.push_back(provide(memory + 2 * i, 1));
    entries.push_back({static_cast<int32_t>(random.between(0, i)), 0});
  }
  const auto start = std::chrono::steady_clock::now();
  Memory* made = assemble(parts, entries);
  Shaped s;
  s.ndim = 1;
  s.levels = 2;
  s.shape[0] = kRows;
  s.strides[0] = 8;
  CHECK(try_layout(s, *made) == NBUF_OK);
  release(made);
  validate_backwards(memory, kRows);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("core_pointers: %d blocks in %.3f s\n", static_cast<int>(kRows),
              seconds.count());
  CHECK(seconds.count() < 5);  // 100 times what it takes; all by all would be 10^10 steps
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_pointers");
  work_is_limited();
  repeated_axes();
  wrong_levels();
  for (uint64_t i = 0; i < 200; i++) {
    overlapping_blocks(seed + i);
    stop_on_failure("core_pointers", seed + i);
  }
  claimed_tables();
  many_blocks();
  return check_result("core_pointers");
}
