// test_core_assembly.cc - memory of several blocks: what it keeps, locks, refuses.
#include "rows_fixture.h"

namespace {

void locks() {
  Rows rows;
  HostArray* array = rows.array();
  ArrayState state;
  Layout* copy;
  CHECK(inspect(rows.arrays[0], &state, &copy, nullptr) == NBUF_OK);
  CHECK(state.memory_locks == 1 && state.layout_locks == 0);
  free_layout(copy);
  nbuf_error error = no_error();
  const int64_t more = 100;
  dispose(rows.arrays[2]);  // keeps its memory for us
  Provider* p = get(array, NBUF_FULL | NBUF_LEVELS, "viewer");
  CHECK(at(p, {2, 3}) == 23 && at(p, {0, 1}) == 1);
  CHECK(p->pub.block_count == 4 && (p->pub.blocks[0].flags & NBUF_TABLE) != 0);
  CHECK(nbuf_validate(&p->pub, &error) == NBUF_OK);
  CHECK(resize(array, 1, &more, &error) == NBUF_ERR_UNSUPPORTED);
  CHECK_TEXT(error.message, "several blocks");
  CHECK(inspect(array, &state, &copy, nullptr) == NBUF_OK);
  CHECK(state.memory_locks == 1 && state.capacity == 24 && copy->levels.count == 2);
  CHECK(copy->suboffsets[0] == 0 && copy->suboffsets[1] == -1);
  free_layout(copy);
  release_owner(array);
  CHECK(rows.bytes[0]->frees == 0 && at(p, {1, 2}) == 12);
  release(p);
  CHECK(rows.bytes[0]->frees == 0 && rows.bytes[2]->frees == 1);
}

void who_holds_what() {
  Rows rows;
  HostArray* array = rows.array();
  nbuf_error error = no_error();
  dispose(array);
  const nbuf_request request = request_of(NBUF_FULL | NBUF_LEVELS);
  Provider* p;
  uint32_t epoch;
  CHECK(acquire(array, &request, &p, &epoch, nullptr) == NBUF_ERR_RELEASED);
  ArrayState state;
  Layout* copy;
  CHECK(inspect(rows.arrays[1], &state, &copy, nullptr) == NBUF_OK);
  CHECK(state.memory_locks == 0);  // gone with the disposed array's memory
  free_layout(copy);
  release_owner(array);
  LayoutSpec spec;
  const int64_t size = 64, twice = 128;
  spec.ndim = 1;
  spec.shape = &size;
  Memory* heap;
  HostArray* source;
  CHECK(make_heap_memory(size, 64, &heap, nullptr) == NBUF_OK);
  CHECK(make_host_array(heap, spec, false, &source, nullptr) == NBUF_OK);
  Provider* part = get(source, NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT, "IndirectArray");
  const TableEntry entry = {0, 8};
  Memory* memory;
  CHECK(make_assembly(&part, 1, &entry, 1, 0, &memory, nullptr) == NBUF_OK);
  release(part);
  CHECK(resize(source, 1, &twice, &error) == NBUF_ERR_LOCKED);
  CHECK_TEXT(error.message, "'IndirectArray'");
  release(memory);
  CHECK(resize(source, 1, &twice, nullptr) == NBUF_OK);
  release_owner(source);
}

void requests() {
  Rows rows;
  HostArray* array = rows.array();
  nbuf_error error = no_error();
  Provider* p;
  uint32_t epoch;
  const struct {
    uint32_t flags;
    Status expected;
  } table[] = {
      {NBUF_SIMPLE, NBUF_ERR_SUBOFFSETS},
      {NBUF_FULL & ~0x100u, NBUF_ERR_SUBOFFSETS},
      {NBUF_STRIDES, NBUF_ERR_SUBOFFSETS},
      {NBUF_C_CONTIGUOUS, NBUF_ERR_CONTIGUITY},
      {NBUF_ANY_CONTIGUOUS, NBUF_ERR_CONTIGUITY},
      {NBUF_INDIRECT, NBUF_OK},
      {NBUF_FULL, NBUF_OK},
      {NBUF_FULL | NBUF_LEVELS, NBUF_OK},
  };
  for (const auto& row : table) {
    const nbuf_request request = request_of(row.flags);
    CHECK(acquire(array, &request, &p, &epoch, &error) == row.expected);
    if (p == nullptr) continue;
    const bool levels = (row.flags & NBUF_LEVELS) != 0;
    CHECK((p->pub.suboffsets == nullptr) == levels);
    CHECK((p->pub.level_count == 2) == levels &&
          (p->pub.axis_level != nullptr) == levels);
    CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
    release(p);
  }
  // Transposed, only levels can say it.
  LayoutChange change;
  const int32_t ndim = 2, axis_level[] = {1, 0};
  const int64_t shape[] = {4, 3}, strides[] = {2, 8}, post[] = {0};
  change.ndim = &ndim;
  change.shape = shape;
  change.strides = strides;
  change.levels = {2, axis_level, post};
  CHECK(set_layout(array, change, nullptr) == NBUF_OK);
  const nbuf_request classic = request_of(NBUF_FULL);
  CHECK(acquire(array, &classic, &p, &epoch, &error) == NBUF_ERR_SUBOFFSETS);
  CHECK_TEXT(error.message, "NBUF_LEVELS was not requested");
  p = get(array, NBUF_FULL | NBUF_LEVELS);
  CHECK(at(p, {3, 2}) == 23 && at(p, {1, 0}) == 1);
  release(p);
  release_owner(array);
}

void changes() {
  Rows rows;
  HostArray* array = rows.array();
  const int32_t ndim = 2;
  const int64_t shape[] = {3, 4}, shorter[] = {2, 4}, strides[] = {8, 2},
                back[] = {-8, 2};
  LayoutChange change;
  change.ndim = &ndim;
  change.shape = shape;
  change.strides = back;
  change.levels = rows.spec().levels;
  CHECK(set_layout(array, change, nullptr) == NBUF_ERR_BOUNDS);
  change.offset = 16;
  CHECK(set_layout(array, change, nullptr) == NBUF_OK);
  Provider* p = get(array, NBUF_FULL | NBUF_LEVELS);
  CHECK(at(p, {0, 1}) == 21 && at(p, {2, 3}) == 3);
  CHECK(set_layout(array, change, nullptr) == NBUF_ERR_LOCKED);
  release(p);
  const int64_t post[] = {2};
  change.levels.post = post;  // a column too far
  CHECK(set_layout(array, change, nullptr) == NBUF_ERR_BOUNDS);
  change = {};
  change.ndim = &ndim;
  change.shape = shorter;
  change.strides = strides;
  nbuf_error error = no_error();
  CHECK(set_layout(array, change, &error) == NBUF_ERR_BOUNDS);  // of the table itself
  CHECK_TEXT(error.message, "table of pointers");
  release_owner(array);
}

// The sign trap: rows whose pointers stand behind their ends, read backwards. Slicing off
// the first column moves what is added after the pointer to -2, which as a suboffset says
// "no pointer": PEP 3118 then takes the table itself for pixels.
void sign_trap() {
  Rows rows;
  const int64_t shape[] = {3, 4}, strides[] = {8, -2}, post[] = {0}, sliced[] = {-2};
  const int64_t fewer[] = {3, 3};
  Memory* memory = rows.assemble({{0, 6}, {1, 6}, {2, 6}});
  LayoutSpec spec = {2, shape, strides, 0, 2, "h", {2, rows.axis_level, post}};
  HostArray* array;
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  Provider* p = get(array, NBUF_FULL);
  CHECK(p->pub.suboffsets[0] == 0);
  CHECK(at(p, {1, 0}) == 13 && at(p, {2, 3}) == 20);
  spec.shape = fewer;  // [:, 1:]
  spec.levels.post = sliced;
  const nbuf_request levels = request_of(NBUF_FULL | NBUF_LEVELS),
                     classic = request_of(NBUF_FULL);
  Provider* q;
  nbuf_error error = no_error();
  CHECK(reexport(p, spec, 0, &classic, &q, &error) == NBUF_ERR_SUBOFFSETS);
  CHECK_TEXT(error.message, "suboffsets cannot describe");
  CHECK(reexport(p, spec, 0, &levels, &q, nullptr) == NBUF_OK);
  CHECK(at(q, {1, 0}) == 12 && at(q, {1, 2}) == 10 && at(q, {2, 1}) == 21);
  CHECK(nbuf_validate(&q->pub, nullptr) == NBUF_OK);
  release(q);
  release(p);
  release_owner(array);
}

void bad_pointers() {
  Rows rows;
  const std::vector<std::vector<TableEntry>> bad = {
      {{0, 0}, {kNullPointer, 0}, {2, 0}}, {{0, 0}, {1, 0}},
      {{0, 0}, {1, -1}, {2, 0}},           {{0, 0}, {1, 1}, {2, 0}},
      {{0, 0}, {1, INT64_MAX}, {2, 0}},    {{0, 0}, {1, INT64_MIN}, {2, 0}},
      {{0, 0}, {kThisTable, 0}, {2, 0}},
  };
  for (const auto& entries : bad) {
    Memory* memory = rows.assemble(entries);
    HostArray* array;
    nbuf_error error = no_error();
    CHECK(make_host_array(memory, rows.spec(), false, &array, &error) == NBUF_ERR_BOUNDS);
    release(memory);
  }
  // Null, though what is added leads to good elements: and said to be null.
  Memory* null = rows.assemble({{kNullPointer, 0}});
  const int64_t shape[] = {1, 4}, post[] = {address_of(rows.bytes[0]->bytes.data())};
  LayoutSpec spec = rows.spec();
  spec.shape = shape;
  spec.levels.post = post;
  HostArray* array;
  nbuf_error error = no_error();
  CHECK(make_host_array(null, spec, false, &array, &error) == NBUF_ERR_BOUNDS);
  CHECK_TEXT(error.message, "null pointer in level 0");
  const int64_t index[] = {0, 0};
  Place place{};
  CHECK(find_element(spec, *null, index, &place, nullptr) == NBUF_ERR_BOUNDS);
  CHECK(find_next_level(spec, *null, &place, nullptr) == NBUF_ERR_BOUNDS);
  release(null);
  Provider* part = rows.acquire_row(0);
  Memory* memory;
  for (const int32_t wrong : {1, -3, INT32_MAX, INT32_MIN}) {
    const TableEntry entry = {wrong, 0};
    CHECK(make_assembly(&part, 1, &entry, 1, 0, &memory, nullptr) ==
          NBUF_ERR_OUT_OF_RANGE);
    CHECK(memory == nullptr);
  }
  const TableEntry entry = {0, 0};
  CHECK(make_assembly(&part, 1, &entry, INT64_MAX, 0, &memory, nullptr) ==
        NBUF_ERR_OUT_OF_RANGE);
  CHECK(make_assembly(&part, 1, &entry, -1, 0, &memory, nullptr) ==
        NBUF_ERR_OUT_OF_RANGE);
  CHECK(make_assembly(&part, -1, &entry, 1, 0, &memory, nullptr) ==
        NBUF_ERR_OUT_OF_RANGE);
  release(part);
}

void empty() {
  Memory* memory;
  CHECK(make_assembly(nullptr, 0, nullptr, 0, 0, &memory, nullptr) == NBUF_OK);
  const int64_t shape[] = {0, 5}, strides[] = {8, 1}, post[] = {INT64_MIN};
  const int32_t axis_level[] = {0, 1};
  LayoutSpec spec = {2, shape, strides, 0, 1, "B", {2, axis_level, post}};
  HostArray* array;
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  const int64_t good[] = {-7};
  spec.levels.post = good;
  spec.offset = 1;
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_ERR_BOUNDS);
  spec.offset = 0;
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  Provider* p = get(array, NBUF_FULL | NBUF_LEVELS);
  CHECK(p->pub.len == 0 && nbuf_validate(&p->pub, nullptr) == NBUF_OK);
  release(p);
  release_owner(array);
  // Levels over plain memory.
  Memory* plain;
  CHECK(make_heap_memory(64, 64, &plain, nullptr) == NBUF_OK);
  CHECK(make_host_array(plain, spec, false, &array, nullptr) == NBUF_ERR_BOUNDS);
  release(plain);
}

}  // namespace

int main() {
  locks();
  who_holds_what();
  requests();
  changes();
  sign_trap();
  bad_pointers();
  empty();
  return check_result("core_assembly");
}
