// test_core_assembly_parts.cc - what an assembly is made of, and what is made of it:
// parts, assemblies of assemblies, views; from several threads.
#include <thread>

#include "core/view_exporter.h"
#include "rows_fixture.h"

namespace {

void parts() {
  Rows rows;
  HostArray* array = rows.array();
  Provider* p = get(array, NBUF_FULL_RO | NBUF_LEVELS, "parent");
  const nbuf_request request = request_of(NBUF_FULL_RO, "part");
  Provider* part;
  for (const int32_t wrong : {0, -1, 4, INT32_MAX, INT32_MIN})
    CHECK(provide_part(p, wrong, &request, &part, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(provide_part(p, 2, &request, &part, nullptr) == NBUF_OK);
  CHECK(part->pub.buf == rows.bytes[1]->bytes.data() && part->pub.len == 8);
  CHECK(part->memory->key == rows.arrays[1]->memory->key);
  CHECK(std::strcmp(part->label(), "part \xe2\x86\x90 rows") == 0);
  Provider* none;
  CHECK(provide_part(part, 1, &request, &none, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  release(p);
  release_owner(array);
  CHECK(static_cast<char*>(part->pub.buf)[0] == 10);  // outlives the whole
  release(part);
}

// Read-only memory, or memory of JavaScript's, makes all of it so.
void flags() {
  Rows rows(NBUF_READONLY | NBUF_BORROWED);
  HostArray* array = rows.array();
  const nbuf_request writable = request_of(NBUF_FULL | NBUF_LEVELS),
                     pinned =
                         request_of(NBUF_FULL_RO | NBUF_LEVELS | NBUF_REQUIRE_PINNED);
  Provider* p;
  uint32_t epoch;
  CHECK(acquire(array, &writable, &p, &epoch, nullptr) == NBUF_ERR_READONLY);
  CHECK(acquire(array, &pinned, &p, &epoch, nullptr) == NBUF_ERR_UNSUPPORTED);
  p = get(array, NBUF_FULL_RO | NBUF_LEVELS);
  CHECK(p->pub.flags == (NBUF_READONLY | NBUF_BORROWED));
  const nbuf_request request = request_of(NBUF_FULL_RO);
  Provider* part;
  CHECK(provide_part(p, 1, &request, &part, nullptr) == NBUF_OK);
  CHECK(part->pub.flags == NBUF_READONLY);  // as the whole is, but pinned
  release(part);
  release(p);
  release_owner(array);
}

struct CountingGuard : PartGuard {
  int checks = 0, destroyed = 0, failing = -1;
  CountingGuard() {
    check = [](PartGuard* guard, int32_t part, Error* error) {
      auto* self = static_cast<CountingGuard*>(guard);
      self->checks++;
      if (part != self->failing) return Status{NBUF_OK};
      return nbuf_fail(error, NBUF_ERR_DETACHED, "part %d is gone", part);
    };
    destroy = [](PartGuard* guard) { static_cast<CountingGuard*>(guard)->destroyed++; };
  }
};

void guards() {
  CountingGuard guard;
  {
    Rows rows;
    Memory* memory = rows.assemble({{0, 0}, {1, 0}, {2, 0}}, &guard);
    HostArray* array;
    CHECK(make_host_array(memory, rows.spec(), false, &array, nullptr) == NBUF_OK);
    Provider* p = get(array, NBUF_FULL | NBUF_LEVELS);
    CHECK(guard.checks == Rows::kRows);
    guard.failing = 1;
    const nbuf_request request = request_of(NBUF_FULL | NBUF_LEVELS);
    Provider* q;
    uint32_t epoch;
    nbuf_error error = no_error();
    CHECK(acquire(array, &request, &q, &epoch, &error) == NBUF_ERR_DETACHED);
    CHECK_TEXT(error.message, "part 1 is gone");
    CHECK(reexport(p, rows.spec(), 0, &request, &q, nullptr) == NBUF_ERR_DETACHED);
    const nbuf_request part_request = request_of(NBUF_FULL);
    CHECK(provide_part(p, 2, &part_request, &q, nullptr) == NBUF_ERR_DETACHED);
    CHECK(provide_part(p, 1, &part_request, &q, nullptr) == NBUF_OK);
    release(q);
    // An assembly of the assembly asks the same guard about the same part.
    Memory* outer;
    const TableEntry entry = {0, 0};
    CHECK(make_assembly(&p, 1, &entry, 1, 0, &outer, nullptr) == NBUF_OK);
    release(p);
    release_owner(array);
    CHECK(guard.destroyed == 0);
    CHECK(outer->ops->check(outer, &error) == NBUF_ERR_DETACHED);
    CHECK(part_of(*outer, 2)->number == 1 && part_of(*outer, 4) == nullptr);
    release(outer);
    CHECK(guard.destroyed == 1);
    Memory* failed;
    const TableEntry wrong = {7, 0};
    guard.refs = 1;
    CHECK(make_assembly(nullptr, 0, &wrong, 1, 0, &failed, nullptr, &guard) != NBUF_OK);
    CHECK(guard.destroyed == 2);
  }
}

// Stacks of stacks: the tables move, and what points from table to table with them.
void nested() {
  Rows rows;
  HostArray* inner = rows.array();
  Provider* p = get(inner, NBUF_FULL | NBUF_LEVELS);
  Provider* twice[] = {p, p};
  const TableEntry entries[] = {{0, 0}, {1, 8}};
  Memory* memory;
  CHECK(make_assembly(twice, 2, entries, 2, 0, &memory, nullptr) == NBUF_OK);
  CHECK(memory->block_count == 4 && memory->block.size == 16 + 24);
  release(p);
  const int64_t shape[] = {2, 2, 4}, strides[] = {8, 8, 2}, post[] = {0, 0};
  const int32_t axis_level[] = {0, 1, 2};
  const LayoutSpec spec = {3, shape, strides, 0, 2, "h", {3, axis_level, post}};
  HostArray* outer;
  CHECK(make_host_array(memory, spec, false, &outer, nullptr) == NBUF_OK);
  release_owner(inner);
  p = get(outer, NBUF_FULL);
  CHECK(p->pub.suboffsets[0] == 0 && p->pub.suboffsets[1] == 0);
  CHECK(at(p, {0, 0, 1}) == 1 && at(p, {1, 0, 1}) == 11 && at(p, {1, 1, 3}) == 23);
  // Once more: now the copied table has pointers into itself.
  const TableEntry again[] = {{0, 8}, {0, 0}, {kThisTable, 8}};
  Memory* third;
  CHECK(make_assembly(&p, 1, again, 3, 0, &third, nullptr) == NBUF_OK);
  release(p);
  release_owner(outer);
  const int64_t shape4[] = {2, 1, 2, 4}, strides4[] = {8, 8, 8, 2}, post4[] = {0, 0, 0};
  const int32_t level4[] = {0, 1, 2, 3}, level5[] = {0, 1, 2, 3, 4};
  const int64_t shape5[] = {1, 2, 1, 2, 4}, strides5[] = {8, 8, 8, 8, 2};
  const int64_t post5[] = {0, 0, 0, 0};
  const LayoutSpec spec4 = {4, shape4, strides4, 0, 2, "h", {4, level4, post4}};
  HostArray* top;
  CHECK(make_host_array(third, spec4, false, &top, nullptr) == NBUF_OK);
  p = get(top, NBUF_FULL | NBUF_LEVELS);
  CHECK(at(p, {0, 0, 1, 3}) == 23 && at(p, {1, 0, 1, 3}) == 13);
  // And those pointers move along a second time.
  Memory* fourth;
  const TableEntry plain[] = {{0, 0}};
  CHECK(make_assembly(&p, 1, plain, 1, 0, &fourth, nullptr) == NBUF_OK);
  release(p);
  release_owner(top);
  const LayoutSpec spec5 = {5, shape5, strides5, 0, 2, "h", {5, level5, post5}};
  CHECK(make_host_array(fourth, spec5, false, &top, nullptr) == NBUF_OK);
  p = get(top, NBUF_FULL | NBUF_LEVELS);
  CHECK(at(p, {0, 0, 0, 1, 3}) == 23 && at(p, {0, 1, 0, 1, 3}) == 13);
  const nbuf_request request = request_of(NBUF_FULL);
  Provider* part;
  CHECK(provide_part(p, 3, &request, &part, nullptr) == NBUF_OK);
  CHECK(part->pub.buf == rows.bytes[2]->bytes.data());
  release(part);
  release(p);
  release_owner(top);
}

// Assemblies of assemblies do not pile up: no release recurses, no lock is doubled.
void long_chains() {
  Rows rows;
  HostArray* array = rows.array();
  const int64_t shape[] = {1, 4};
  for (int i = 0; i < 2000; i++) {
    Provider* p = get(array, NBUF_FULL | NBUF_LEVELS);
    const TableEntry row = {0, 0};
    Memory* memory;
    Provider* part;
    const nbuf_request request = request_of(NBUF_FULL);
    CHECK(provide_part(p, 1, &request, &part, nullptr) == NBUF_OK);
    Provider* given[] = {part, p};
    CHECK(make_assembly(given, 2, &row, 1, 0, &memory, nullptr) == NBUF_OK);
    LayoutSpec spec = rows.spec();
    spec.shape = shape;
    release(part);
    release(p);
    release_owner(array);
    CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
    if (i % 500 == 499) {
      release_owner(array);
      array = rows.array();
    }
  }
  release_owner(array);
}

void views() {
  Rows rows;
  HostArray* array = rows.array();
  Provider* p = get(array, NBUF_FULL | NBUF_LEVELS, "image");
  Lease* lease = Lease::make(p);
  const int64_t shape[] = {4, 2}, strides[] = {2, 16}, wide[] = {4, 3};
  const int32_t axis_level[] = {1, 0};
  LayoutSpec spec = {2, wide, strides, 0, 2, "h", {2, axis_level, rows.post}};
  nbuf_exporter* exporter;
  lease->retain();
  CHECK(make_view_exporter(lease, spec, 0, &exporter, nullptr) == NBUF_ERR_BOUNDS);
  spec.shape = shape;  // every second row, transposed
  lease->retain();
  CHECK(make_view_exporter(lease, spec, NBUF_READONLY, &exporter, nullptr) == NBUF_OK);
  const nbuf_request request = request_of(NBUF_FULL_RO | NBUF_LEVELS, "reader");
  nbuf_provider* q;
  CHECK(exporter->ops->acquire(exporter, &request, &q, nullptr) == NBUF_OK);
  CHECK(at(as_own(q), {3, 1}) == 23 && q->level_count == 2);
  CHECK(std::strcmp(as_own(q)->label(), "reader \xe2\x86\x90 image") == 0);
  lease->move_to(nullptr);
  lease->release();
  exporter->ops->release(exporter);
  release(p);
  release_owner(array);
  CHECK(at(as_own(q), {0, 1}) == 20);
  q->ops->release(q);
}

// Acquire, read, take parts and release from several threads at once.
void threads() {
  Rows rows;
  HostArray* array = rows.array();
  std::vector<std::thread> pool;
  std::atomic<long> sum{0}, failed{0};  // CHECK counts without a lock
  for (int t = 0; t < 4; t++)
    pool.emplace_back([array, &sum, &failed] {
      for (int i = 0; i < 300; i++) {
        const nbuf_request whole = request_of(NBUF_FULL_RO | NBUF_LEVELS, "thread");
        Provider* p;
        uint32_t epoch;
        failed += acquire(array, &whole, &p, &epoch, nullptr) != NBUF_OK;
        sum += at(p, {i % 3, i % 4});
        const nbuf_request request = request_of(NBUF_FULL_RO);
        Provider* part;
        failed += provide_part(p, 1 + i % 3, &request, &part, nullptr) != NBUF_OK;
        TableEntry entry = {0, 8 * (i % 3)};
        Memory* own;
        failed += make_assembly(&p, 1, &entry, 1, 0, &own, nullptr) != NBUF_OK;
        release(p);
        release(own);
        sum += static_cast<char*>(part->pub.buf)[0];
        release(part);
      }
    });
  for (std::thread& thread : pool) thread.join();
  CHECK(failed == 0 && sum == 4 * (300 * 10 + 150 * 3 + 300 * 10));
  ArrayState state;
  Layout* copy;
  CHECK(inspect(array, &state, &copy, nullptr) == NBUF_OK && state.memory_locks == 0);
  free_layout(copy);
  release_owner(array);
}

}  // namespace

int main() {
  parts();
  flags();
  guards();
  nested();
  long_chains();
  views();
  threads();
  return check_result("core_assembly_parts");
}
