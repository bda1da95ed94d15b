// test_core_layout.cc - make_layout against a slow model in 128 bits: what is accepted,
// with which status the rest is refused, and what is stored.
#include "core/layout.h"

#include <limits>
#include <string>

#include "core_fixture.h"

using namespace nbuf::core;

namespace {

__extension__ typedef __int128 Wide;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMaxSafe = (int64_t{1} << 53) - 1;

struct Case {
  std::vector<int64_t> shape, strides;
  int64_t offset = 0, itemsize = 1, block = 0;
  const char* format = "opaque";

  LayoutSpec spec() const {
    return {static_cast<int32_t>(shape.size()),
            shape.data(),
            strides.data(),
            offset,
            itemsize,
            format};
  }
  bool is_empty() const {
    for (const int64_t n : shape)
      if (n == 0) return true;
    return false;
  }
};

// ---- the model ----

bool countable(const Case& c, Wide* bytes) {
  *bytes = c.itemsize;
  for (const int64_t n : c.shape) {
    if (n < 0) return false;
    if (n > 0) *bytes *= n;
    if (*bytes > kMax) return false;
  }
  if (c.is_empty()) *bytes = 0;
  return true;
}

// Every corner of the index space is an element; the others lie between them.
bool corners_inside(const Case& c) {
  for (uint64_t corner = 0; corner < uint64_t{1} << c.shape.size(); corner++) {
    Wide at = c.offset;
    for (size_t i = 0; i < c.shape.size(); i++)
      if (corner >> i & 1) at += Wide{c.shape[i] - 1} * c.strides[i];
    if (at < 0 || at + c.itemsize > c.block) return false;
  }
  return true;
}

Status model(const Case& c, Wide* bytes) {
  if (c.itemsize < 1 || !countable(c, bytes)) return NBUF_ERR_OUT_OF_RANGE;
  const bool is_inside =
      c.is_empty() ? c.offset >= 0 && c.offset <= c.block : corners_inside(c);
  return is_inside ? NBUF_OK : NBUF_ERR_BOUNDS;
}

void check_stored(const Case& c, const Layout& made, int64_t bytes) {
  CHECK(made.refs == 1 && made.ndim == static_cast<int32_t>(c.shape.size()));
  CHECK(made.bytes == bytes && made.offset == c.offset && made.itemsize == c.itemsize);
  CHECK(std::strcmp(made.format, c.format) == 0 && made.format != c.format);
  for (size_t i = 0; i < c.shape.size(); i++) {
    CHECK(made.shape[i] == c.shape[i]);
    const bool is_used = bytes > 0 && c.shape[i] > 1;
    const bool is_safe = c.strides[i] <= kMaxSafe && c.strides[i] >= -kMaxSafe;
    // JavaScript must be able to show every stride; an unused one may be replaced.
    CHECK(made.strides[i] == (is_used || is_safe ? c.strides[i] : 0));
  }
}

void check_case(const Case& c) {
  Wide bytes = 0;
  nbuf_error error = no_error();
  Layout* made = nullptr;
  const Status expected = model(c, &bytes);
  const Status status = make_layout(c.spec(), c.block, &made, &error);
  if (!CHECK(status == expected))
    std::fprintf(stderr, "status %d, expected %d: %s\n", static_cast<int>(status),
                 static_cast<int>(expected), error.message);
  CHECK((made != nullptr) == (status == NBUF_OK) && error.status == status);
  CHECK(check_layout(c.spec(), c.block, nullptr) == status);  // no format is refused here
  if (made == nullptr) return;
  check_stored(c, *made, static_cast<int64_t>(bytes));
  free_layout(made);
}

// ---- random structures ----

int64_t wild_number(Random& random) {
  const int64_t edge = random.pick({0, 1, 2, int64_t{1} << 31, kMaxSafe, int64_t{1} << 53,
                                    int64_t{1} << 62, kMax, kMin});
  const int64_t near = random.pick({0, 0, 1, -1});
  if (random.chance(50)) return random.between(-4, 9);
  if ((edge == kMax && near > 0) || (edge == kMin && near < 0)) return edge;
  const int64_t value = edge + near;
  return value == kMin || random.chance(50) ? value : -value;
}

Case wild_case(Random& random) {
  Case c;
  const int64_t ndim = random.between(0, 6);
  for (int64_t i = 0; i < ndim; i++) {
    c.shape.push_back(random.chance(75) ? random.between(random.chance(90) ? 1 : -1, 4)
                                        : wild_number(random));
    c.strides.push_back(wild_number(random));
  }
  c.itemsize = random.chance(80) ? random.between(1, 16) : wild_number(random);
  c.offset = random.chance(50) ? random.between(0, 40) : wild_number(random);
  const int64_t block = random.chance(50) ? random.between(0, 80) : wild_number(random);
  c.block = block < 0 ? kMax : block;
  return c;
}

// Small strides of any sign over a block that fits exactly.
Case tight_case(Random& random) {
  Case c;
  c.itemsize = random.pick({1, 2, 3, 4, 8, 16});
  const int64_t ndim = random.between(0, 5);
  int64_t low = 0, high = c.itemsize;
  for (int64_t i = 0; i < ndim; i++) {
    const int64_t n = random.between(1, 5), stride = random.between(-40, 40);
    c.shape.push_back(n);
    c.strides.push_back(stride);
    (stride < 0 ? low : high) += (n - 1) * stride;
  }
  c.offset = -low;
  c.block = high - low;
  return c;
}

void random_structures(uint64_t seed) {
  int accepted = 0, refused = 0;
  for (uint64_t last = seed + 60000; seed < last; seed++) {
    Random random(seed);
    Case c = wild_case(random);
    Wide bytes;
    (model(c, &bytes) == NBUF_OK ? accepted : refused)++;
    check_case(c);
    c = tight_case(random);
    check_case(c);
    CHECK(model(c, &bytes) == NBUF_OK);
    Case less = c, before = c, behind = c;
    less.block--;
    before.offset--;
    behind.offset++;
    for (const Case* worse : {&less, &before, &behind}) {
      CHECK(model(*worse, &bytes) == NBUF_ERR_BOUNDS);
      check_case(*worse);
    }
    stop_on_failure("core_layout", seed);
  }
  CHECK(accepted > 5000 && refused > 5000);
}

// ---- single cases ----

Status status_of(const Case& c) {
  Layout* made;
  const Status status = make_layout(c.spec(), c.block, &made, nullptr);
  if (made != nullptr) free_layout(made);
  const Status checked = check_layout(c.spec(), c.block, nullptr);
  CHECK(checked == (status == NBUF_ERR_FORMAT ? NBUF_OK : status));
  return status;
}

// NumPy's bounds check wraps around on the first (protocol-facts.md, surprise 3).
void overflows() {
  const int64_t q = int64_t{1} << 62;
  CHECK(status_of({{5}, {q}, 0, 4, 4}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{5}, {-q}, 0, 4, 4}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{2}, {kMin}, 0, 1, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{2, 2, 2}, {q, q, 1}, 0, 1, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{2, 2, 2}, {-q, -q, -q}, kMax, 1, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{2, 2}, {q, q - 1}, 0, 1, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{2, 2}, {q, q - 2}, 0, 1, kMax}) == NBUF_OK);
  CHECK(status_of({{2}, {1}, kMax, 1, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{2}, {1}, kMin, 1, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{}, {}, 0, kMax, kMax}) == NBUF_OK);
  CHECK(status_of({{}, {}, 1, kMax, kMax}) == NBUF_ERR_BOUNDS);
  CHECK(status_of({{q, 2}, {0, 0}, 0, 1, kMax}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status_of({{q}, {0}, 0, 2, kMax}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status_of({{0, q, 2}, {0, 0, 0}, 0, 1, 0}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status_of({{0, -1}, {0, 0}, 0, 1, 0}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status_of({{q}, {0}, 3, 1, 4}) == NBUF_OK);  // one byte, often
}

void numbers_of_axes() {
  Case c;
  c.block = 4096;
  c.shape.assign(64, 1);
  c.strides.assign(64, kMin);  // nothing steps along them
  c.shape[63] = 4096;
  c.strides[63] = 1;
  Layout* full;
  CHECK(make_layout(c.spec(), c.block, &full, nullptr) == NBUF_OK);
  check_stored(c, *full, 4096);
  free_layout(full);
  c.block--;
  CHECK(status_of(c) == NBUF_ERR_BOUNDS);
  c.shape.assign(65, 1);
  c.strides.assign(65, 1);
  CHECK(status_of(c) == NBUF_ERR_OUT_OF_RANGE);
  const LayoutSpec negative = {-1, nullptr, nullptr, 0, 1, "B"};
  Layout* made;
  CHECK(make_layout(negative, 9, &made, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(check_layout(negative, 9, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  const int64_t one = 1;
  const LayoutSpec bare = {1, &one, nullptr, 0, 1, "B"};
  CHECK(check_layout(bare, 9, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  const LayoutSpec scalar = {0, nullptr, nullptr, 1, 8, "d"};
  CHECK(make_layout(scalar, 9, &made, nullptr) == NBUF_OK && made->bytes == 8);
  CHECK(made->contiguity == (NBUF_IS_C_ | NBUF_IS_F_));
  free_layout(made);
  CHECK(make_layout(scalar, 8, &made, nullptr) == NBUF_ERR_BOUNDS);
}

void formats_and_itemsizes() {
  CHECK(status_of({{}, {}, 0, 8, 8, "d"}) == NBUF_OK);
  CHECK(status_of({{}, {}, 0, 12, 12, "d"}) == NBUF_OK);  // trailing padding
  CHECK(status_of({{}, {}, 0, 7, 8, "d"}) == NBUF_ERR_FORMAT);
  CHECK(status_of({{}, {}, 0, 15, 99, "Zd"}) == NBUF_ERR_FORMAT);
  CHECK(status_of({{}, {}, 0, 3, 99, "4s"}) == NBUF_ERR_FORMAT);
  CHECK(status_of({{}, {}, 0, 11, 99, "<3w"}) == NBUF_ERR_FORMAT);
  CHECK(status_of({{}, {}, 0, 11, 99, "T{<i:x:<d:y:}"}) == NBUF_ERR_FORMAT);
  CHECK(status_of({{}, {}, 0, 12, 12, "T{<i:x:<d:y:}"}) == NBUF_OK);
  CHECK(status_of({{}, {}, 0, 1, 1, "T{<i:x:<d:y:"}) == NBUF_OK);  // opaque
  CHECK(status_of({{}, {}, 0, 1, 1, ""}) == NBUF_OK);
  CHECK(status_of({{}, {}, 0, 0, 9, "B"}) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(status_of({{}, {}, 0, -1, 9, "B"}) == NBUF_ERR_OUT_OF_RANGE);
  const std::string names(100000, 'n');  // copied whole, and shortened in messages
  CHECK(status_of({{}, {}, 0, 1, 1, names.c_str()}) == NBUF_OK);
  nbuf_error error = no_error();
  Layout* made;
  const std::string long_text = std::string(5000, ' ') + "d";
  CHECK(make_layout({0, nullptr, nullptr, 0, 4, long_text.c_str()}, 9, &made, &error) ==
        NBUF_ERR_FORMAT);
  CHECK_TEXT(error.message, "takes 8 bytes, itemsize is 4");
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_layout");
  overflows();
  numbers_of_axes();
  formats_and_itemsizes();
  random_structures(seed);
  return check_result("core_layout");
}
