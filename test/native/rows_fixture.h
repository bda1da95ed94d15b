// rows_fixture.h - an image of separate rows as one indirect array.
#ifndef NBUF_TEST_ROWS_FIXTURE_H
#define NBUF_TEST_ROWS_FIXTURE_H

#include "core/assembly.h"
#include "core/pieces.h"
#include "core_fixture.h"

using namespace nbuf::core;

// Rows of 4 shorts, each an array of its own; the values are 10 * row + column.
struct Rows {
  static constexpr int kRows = 3;
  std::vector<CountedBytes*> bytes;
  std::vector<HostArray*> arrays;
  int64_t shape[2] = {kRows, 4}, strides[2] = {8, 2}, post[1] = {0};
  int32_t axis_level[2] = {0, 1};

  explicit Rows(uint32_t flags = 0) {
    for (int16_t i = 0; i < kRows; i++) {
      bytes.push_back(new CountedBytes(8));
      auto* row = reinterpret_cast<int16_t*>(bytes.back()->bytes.data());
      for (int16_t j = 0; j < 4; j++) row[j] = static_cast<int16_t>(10 * i + j);
      LayoutSpec spec;
      const int64_t size = 8;
      spec.ndim = 1;
      spec.shape = &size;
      HostArray* array;
      CHECK(make_host_array(bytes.back()->adopt(i == 1 ? flags : 0), spec, false, &array,
                            nullptr) == NBUF_OK);
      arrays.push_back(array);
    }
  }
  Rows(const Rows&) = delete;
  ~Rows() {
    for (HostArray* array : arrays) release_owner(array);
    for (CountedBytes* block : bytes) {
      CHECK(block->frees == 1);
      delete block;
    }
  }

  Provider* acquire_row(int i) const {
    const nbuf_request request = request_of(NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT, "rows");
    Provider* out;
    uint32_t epoch;
    CHECK(acquire(arrays[static_cast<size_t>(i)], &request, &out, &epoch, nullptr) ==
          NBUF_OK);
    return out;
  }
  LayoutSpec spec() const {
    return {2, shape, strides, 0, 2, "h", {2, axis_level, post}};
  }

  Memory* assemble(std::vector<TableEntry> entries, PartGuard* guard = nullptr) const {
    Provider* parts[kRows];
    Memory* memory;
    for (int i = 0; i < kRows; i++) parts[i] = acquire_row(i);
    CHECK(make_assembly(parts, kRows, entries.data(),
                        static_cast<int64_t>(entries.size()), 0, &memory, nullptr,
                        guard) == NBUF_OK);
    for (Provider* part : parts) release(part);
    return memory;
  }
  Memory* assemble() const { return assemble({{0, 0}, {1, 0}, {2, 0}}); }
  HostArray* array() const {
    HostArray* made;
    CHECK(make_host_array(assemble(), spec(), false, &made, nullptr) == NBUF_OK);
    return made;
  }
};

inline Provider* get(HostArray* array, uint32_t flags, const char* label = nullptr) {
  const nbuf_request request = request_of(flags, label);
  Provider* out;
  uint32_t epoch;
  CHECK(acquire(array, &request, &out, &epoch, nullptr) == NBUF_OK);
  return out;
}

inline int16_t at(const Provider* p, std::initializer_list<int64_t> index) {
  const Layout& layout = *p->layout;
  int16_t value;
  std::memcpy(&value,
              locate(layout.ndim, layout.strides, layout.levels,
                     static_cast<char*>(p->pub.buf), index.begin()),
              sizeof value);
  return value;
}

#endif  // NBUF_TEST_ROWS_FIXTURE_H
