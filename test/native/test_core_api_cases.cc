// test_core_api_cases.cc - what the table of functions refuses, options of other
// versions, numbers, and pointer tables that a copy could reach.
#include <cmath>
#include <limits>

#include "core/api.h"
#include "foreign_fixture.h"
#include "indirect_fixture.h"

using nbuf::core::kApi;

namespace {

// One axis of `count` elements.
struct Line {
  nbuf_provider pub = {};
  nbuf_block block = {};
  int64_t shape[1], strides[1];

  template <typename T>
  Line(T* items, int64_t count) {
    static const nbuf_provider_ops ops = {sizeof ops, 0, image_ignore, image_ignore,
                                          image_ignore};
    shape[0] = count;
    strides[0] = sizeof(T);
    block.base = items;
    block.size = count * strides[0];
    pub.struct_size = sizeof pub;
    pub.ops = &ops;
    pub.buf = items;
    pub.len = block.size;
    pub.itemsize = strides[0];
    pub.ndim = 1;
    pub.block_count = 1;
    pub.shape = shape;
    pub.strides = strides;
    pub.blocks = &block;
  }
  Line(const Line&) = delete;
};

// Copies, and fills with nothing, so that both ways into a destination are asked.
nbuf_status write_to(nbuf_provider* dst, nbuf_error* error) {
  int32_t numbers[3] = {1, 2, 3};
  Line from(numbers, 3);
  return kApi.copy(dst, &from.pub, nullptr, error);
}

void refused_targets() {
  int32_t numbers[3] = {7, 8, 9};
  Line to(numbers, 3);
  nbuf_error error = no_error();
  to.pub.flags = NBUF_READONLY;
  CHECK(write_to(&to.pub, &error) == NBUF_ERR_READONLY);
  CHECK(kApi.fill(&to.pub, numbers, 4, &error) == NBUF_ERR_READONLY);
  CHECK(kApi.unpack(&to.pub, numbers, 12, 'C', &error) == NBUF_ERR_READONLY);
  CHECK(write_to(nullptr, &error) == NBUF_ERR_ABI);
  CHECK(kApi.copy(&to.pub, nullptr, nullptr, nullptr) == NBUF_ERR_READONLY);
  to.pub.flags = 0;
  CHECK(kApi.copy(&to.pub, nullptr, nullptr, nullptr) == NBUF_ERR_ABI);
  CHECK(kApi.fill(&to.pub, nullptr, 4, &error) == NBUF_ERR_INVALID_ARG_TYPE);
  CHECK(kApi.fill(&to.pub, numbers, 3, &error) == NBUF_ERR_OUT_OF_RANGE);
  CHECK_TEXT(error.message, "an item of 4 bytes, found 3");
  CHECK(kApi.unpack(&to.pub, nullptr, 12, 'C', &error) == NBUF_ERR_INVALID_ARG_TYPE);
  CHECK(kApi.unpack(&to.pub, numbers, 12, 'K', &error) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(kApi.equal(&to.pub, &to.pub, nullptr, nullptr, &error) ==
        NBUF_ERR_INVALID_ARG_TYPE);
  to.strides[0] = 5;  // its last element would end outside
  CHECK(write_to(&to.pub, &error) == NBUF_ERR_BOUNDS);
  CHECK(numbers[0] == 7 && numbers[1] == 8 && numbers[2] == 9);
}

void shapes() {
  int32_t numbers[6] = {1, 2, 3, 4, 5, 6};
  Line two(numbers, 2), three(numbers + 3, 3);
  nbuf_error error = no_error();
  CHECK(kApi.copy(&three.pub, &two.pub, nullptr, &error) == NBUF_ERR_OUT_OF_RANGE);
  CHECK_TEXT(error.message, "an extent of 2 does not broadcast to 3");
  two.pub.ndim = 0;
  two.pub.len = 4;
  CHECK(kApi.copy(&three.pub, &two.pub, nullptr, &error) == NBUF_OK);
  CHECK(numbers[3] == 1 && numbers[4] == 1 && numbers[5] == 1);
  CHECK(kApi.copy(&two.pub, &three.pub, nullptr, &error) == NBUF_ERR_OUT_OF_RANGE);
  CHECK_TEXT(error.message, "1 axes do not broadcast to 0");
  int16_t shorts[3] = {0, 0, 0};
  Line other(shorts, 3);
  CHECK(kApi.copy(&three.pub, &other.pub, nullptr, &error) == NBUF_ERR_FORMAT);
  int is_equal = 1;
  CHECK(kApi.equal(&three.pub, &other.pub, nullptr, &is_equal, &error) == NBUF_OK);
  CHECK(is_equal == 0);
}

void options_of_other_versions() {
  uint16_t from[2] = {0x0102, 0x0304}, to[2] = {0, 0};
  Line source(from, 2), target(to, 2);
  struct {
    nbuf_copy_options known;
    int64_t later;
  } longer = {{sizeof longer, 0, 2, 0}, -1};
  CHECK(kApi.copy(&target.pub, &source.pub, &longer.known, nullptr) == NBUF_OK);
  CHECK(to[0] == 0x0201 && to[1] == 0x0403);
  nbuf_copy_options options = {8, 0, 2, 0};  // ends before `swap`
  CHECK(kApi.copy(&target.pub, &source.pub, &options, nullptr) == NBUF_OK);
  CHECK(to[0] == 0x0102);
  options = {sizeof options, 4, 0, 0};
  nbuf_error error = no_error();
  CHECK(kApi.copy(&target.pub, &source.pub, &options, &error) == NBUF_ERR_UNSUPPORTED);
  for (const int32_t swap : {-2, 3, 4}) {
    options = {sizeof options, 0, swap, 0};
    CHECK(kApi.copy(&target.pub, &source.pub, &options, &error) == NBUF_ERR_OUT_OF_RANGE);
  }
}

// 1 where the two are equal under these options, 0 where not, -status on failure.
int compare(nbuf_provider* a, nbuf_provider* b, int32_t how, uint32_t flags = 0,
            int32_t swap = 0) {
  const nbuf_equal_options options = {sizeof options, flags, how, swap};
  int is_equal = -1;
  const nbuf_status status = kApi.equal(a, b, &options, &is_equal, nullptr);
  return status == NBUF_OK ? is_equal : -status;
}

void numbers() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  double a[4] = {0.0, 1.5, nan, -2.0}, b[4] = {-0.0, 1.5, -nan, -2.0};
  Line one(a, 4), other(b, 4), two(a, 2), same(b, 2);
  CHECK(compare(&two.pub, &same.pub, NBUF_COMPARE_BYTES) == 0);
  CHECK(compare(&two.pub, &same.pub, NBUF_COMPARE_FLOAT64) == 1);
  CHECK(compare(&one.pub, &one.pub, NBUF_COMPARE_BYTES) == 1);
  CHECK(compare(&one.pub, &one.pub, NBUF_COMPARE_FLOAT64) == 0);
  CHECK(compare(&one.pub, &other.pub, NBUF_COMPARE_FLOAT64, NBUF_NAN_EQUAL) == 1);
  float c[2] = {0.0f, 1.0f}, d[2] = {-0.0f, 1.0f};
  Line small(c, 2), minus(d, 2);
  CHECK(compare(&small.pub, &minus.pub, NBUF_COMPARE_FLOAT32) == 1);
  uint16_t e[2] = {0x0000, 0x3c00}, f[2] = {0x0080, 0x003c};  // f: the other byte order
  Line half(e, 2), swapped(f, 2);
  CHECK(compare(&half.pub, &swapped.pub, NBUF_COMPARE_FLOAT16, 0, 2) == 1);
  CHECK(compare(&half.pub, &swapped.pub, NBUF_COMPARE_BYTES, 0, 2) == 0);
  CHECK(compare(&half.pub, &half.pub, NBUF_COMPARE_FLOAT32) == -NBUF_ERR_OUT_OF_RANGE);
  CHECK(compare(&one.pub, &one.pub, NBUF_COMPARE_FLOAT32, 0, 2) ==
        -NBUF_ERR_OUT_OF_RANGE);
  CHECK(compare(&one.pub, &one.pub, 4) == -NBUF_ERR_UNSUPPORTED);
  CHECK(compare(&one.pub, &one.pub, -1) == -NBUF_ERR_UNSUPPORTED);
  CHECK(compare(&one.pub, &one.pub, 0, 2) == -NBUF_ERR_UNSUPPORTED);
}

// Elements that are the source's own pointers: after the first one was written, the next
// would be read from wherever that points.
void tables_are_not_written() {
  image it;
  image_init(&it);
  uint8_t bytes[sizeof it.table];
  std::memcpy(bytes, it.table, sizeof bytes);
  Line over(reinterpret_cast<int16_t*>(it.table), sizeof it.table / 2);
  over.shape[0] = 4;
  over.pub.len = 8;
  nbuf_error error = no_error();
  CHECK(kApi.copy(&over.pub, &it.provider, nullptr, &error) == NBUF_ERR_OUT_OF_RANGE);
  int64_t shape[2] = {3, 4}, strides[2] = {8, 2};
  over.pub.ndim = 2;
  over.pub.len = 24;
  over.pub.shape = shape;
  over.pub.strides = strides;
  CHECK(nbuf_validate(&over.pub, &error) == NBUF_OK);
  CHECK(kApi.copy(&over.pub, &it.provider, nullptr, &error) == NBUF_ERR_ABI);
  CHECK_TEXT(error.message, "a pointer table of the source");
  CHECK(kApi.pack(&it.provider, it.table, 24, 'C', &error) == NBUF_ERR_ABI);
  CHECK(std::memcmp(bytes, it.table, sizeof bytes) == 0);
  // Reading pointers as if they were elements harms nobody.
  CHECK(kApi.copy(&it.provider, &over.pub, nullptr, &error) == NBUF_OK);
  CHECK(std::memcmp(bytes, it.table, sizeof bytes) == 0);
  CHECK(std::memcmp(&it.rows[1][1], bytes + 8, 8) == 0);
}

void bad_pointers() {
  image it;
  int16_t rows[12] = {0};
  nbuf_error error = no_error();
  for (void* bad : {static_cast<void*>(nullptr), static_cast<void*>(rows)}) {
    for (const bool levels : {false, true}) {
      image_init(&it);
      if (levels) image_use_levels(&it);
      it.table[2] = bad;
      CHECK(kApi.pack(&it.provider, rows, 24, 'C', &error) == NBUF_ERR_BOUNDS);
      CHECK(kApi.unpack(&it.provider, rows, 24, 'C', &error) == NBUF_ERR_BOUNDS);
    }
  }
}

// A post-offset may be any number, and a pointer nonsense without it.
void wild_posts() {
  for (const int64_t post : {INT64_MAX, INT64_MIN, int64_t{1} << 52}) {
    image from, to;
    for (image* it : {&from, &to}) {
      image_init(it);
      image_use_levels(it);
      it->post[0] = post;
      for (int i = 0; i < kRows; i++) {
        const uintptr_t first = reinterpret_cast<uintptr_t>(&it->rows[i][1]);
        const uintptr_t pointer = first - static_cast<uintptr_t>(post);
        std::memcpy(&it->table[i], &pointer, sizeof pointer);
      }
    }
    int16_t packed[kRows * kColumns];
    CHECK(kApi.pack(&from.provider, packed, sizeof packed, 'C', nullptr) == NBUF_OK);
    CHECK(packed[kColumns - 1] == 3 && packed[2 * kColumns + 1] == 21);
    to.strides[1] = 0;  // of each row the last element stays, in the first one's place
    CHECK(kApi.copy(&to.provider, &from.provider, nullptr, nullptr) == NBUF_OK);
    for (int i = 0; i < kRows; i++)
      CHECK(to.rows[i][1] == 10 * i + 3 && to.rows[i][2] == 10 * i + 1);
  }
}

}  // namespace

int main() {
  CHECK(kApi.struct_size == sizeof(nbuf_api) && kApi.reserved == 0);
  refused_targets();
  shapes();
  options_of_other_versions();
  numbers();
  tables_are_not_written();
  bad_pointers();
  wild_posts();
  return check_result("test_core_api_cases");
}
