// test_core_copy.cc - copy_elements and fill_elements against element by element copies
// through a temporary, over shared and separate memory that ends at forbidden pages.
#include "core/copy.h"

#include <sys/mman.h>
#include <unistd.h>

#include "core_fixture.h"

using namespace nbuf::core;

extern "C" {
const char* __asan_default_options() { return "allocator_may_return_null=1"; }
const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
}

namespace {

// Memory between two pages that nobody may touch.
class Fenced {
 public:
  static constexpr size_t kSize = 8192;
  Fenced() {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    all_ = static_cast<char*>(mmap(nullptr, kSize + 2 * page_, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK(mprotect(all_, page_, PROT_NONE) == 0);
    CHECK(mprotect(all_ + page_ + kSize, page_, PROT_NONE) == 0);
  }
  ~Fenced() { munmap(all_, kSize + 2 * page_); }
  char* begin() const { return all_ + page_; }
  std::vector<char> content() const { return {begin(), begin() + kSize}; }
  void scribble(Random& random) {
    for (size_t i = 0; i < kSize; i += 8) {
      const uint64_t word = random.next();
      std::memcpy(begin() + i, &word, 8);
    }
  }

 private:
  char* all_;
  size_t page_;
};

struct Place {
  std::vector<int64_t> strides;
  int64_t first = 0;  // byte in the block

  Side in(const Fenced& memory) const {
    return {memory.begin() + first, strides.data(), {}};
  }
};

struct Case {
  std::vector<int64_t> shape;
  int64_t itemsize = 1;
  Place dst, src;

  int32_t ndim() const { return static_cast<int32_t>(shape.size()); }
  int64_t size() const {
    int64_t product = 1;
    for (const int64_t n : shape) product *= n;
    return product;
  }
  // The byte of the k-th element in C order.
  int64_t at(const Place& side, int64_t k) const {
    int64_t byte = side.first;
    for (size_t i = shape.size(); i-- > 0; k /= shape[i])
      byte += k % shape[i] * side.strides[i];
    return byte;
  }
};

// ---- random cases ----

// Puts a side at one end of the block, or anywhere; false if it is too large.
bool place(Random& random, const Case& c, Place* side) {
  int64_t low = 0, high = c.itemsize;
  for (size_t i = 0; i < c.shape.size(); i++)
    (side->strides[i] < 0 ? low : high) += (c.shape[i] - 1) * side->strides[i];
  const int64_t last = static_cast<int64_t>(Fenced::kSize) - high;
  if (-low > last) return false;
  const int64_t start = random.between(-low, last);
  side->first = random.pick({-low, last, start, -low + 1 > last ? last : -low + 1,
                             last - 1 < -low ? last : last - 1});
  return true;
}

// Every element has bytes of its own, in any order of the axes, with gaps and flips.
std::vector<int64_t> separate_strides(Random& random, const Case& c) {
  std::vector<int64_t> strides(c.shape.size());
  std::vector<size_t> order(c.shape.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = order.size() - 1 - i;
  for (size_t i = 1; i < order.size() && random.chance(50); i++)
    std::swap(order[i],
              order[static_cast<size_t>(random.between(0, static_cast<int64_t>(i)))]);
  const bool has_gaps = random.chance(40), has_flips = random.chance(40);
  int64_t step = c.itemsize;
  for (const size_t i : order) {
    strides[i] = has_flips && random.chance(50) ? -step : step;
    step *= c.shape[i] > 0 ? c.shape[i] : 1;
    if (has_gaps && random.chance(50)) step += random.between(1, 9);
  }
  return strides;
}

// Axes on which the destination stands still keep what was written last.
void repeat_axes(Random& random, Case* c) {
  for (int64_t& stride : c->dst.strides)
    if (random.chance(40)) stride = 0;
}

Case random_case(Random& random) {
  for (;;) {
    Case c;
    c.itemsize = random.pick({1, 2, 3, 4, 7, 8, 16, 24});
    for (int64_t i = random.between(0, 5); i > 0; i--)
      c.shape.push_back(random.chance(2) ? 0 : random.between(1, 5));
    if (random.chance(3)) c.shape.insert(c.shape.begin(), 64 - c.shape.size(), 1);
    c.dst.strides = separate_strides(random, c);
    if (random.chance(20)) repeat_axes(random, &c);
    c.src.strides = separate_strides(random, c);
    const int wild = random.chance(40) ? 50 : 0;
    for (int64_t& stride : c.src.strides)
      if (random.chance(wild)) stride = random.pick({0, random.between(-40, 40)});
    if (random.chance(10)) c.src.strides = c.dst.strides;
    if (place(random, c, &c.dst) && place(random, c, &c.src)) return c;
  }
}

// ---- the model ----

void model_copy(const Case& c, std::vector<char>& dst, const std::vector<char>& src) {
  const auto item = static_cast<size_t>(c.itemsize);
  std::vector<char> packed(static_cast<size_t>(c.size()) * item);
  for (int64_t k = 0; k < c.size(); k++)
    std::memcpy(&packed[static_cast<size_t>(k) * item], &src[c.at(c.src, k)], item);
  for (int64_t k = 0; k < c.size(); k++)
    std::memcpy(&dst[c.at(c.dst, k)], &packed[static_cast<size_t>(k) * item], item);
}

void copies(uint64_t seed, Fenced& to, const Fenced& from) {
  for (uint64_t last = seed + 12000; seed < last; seed++) {
    Random random(seed);
    const Case c = random_case(random);
    const bool is_shared = &to == &from;
    to.scribble(random);  // copies of copies would soon look alike
    std::vector<char> expected = to.content();
    const std::vector<char> source = from.content();
    model_copy(c, expected, source);
    CHECK(copy_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.in(to),
                        c.src.in(from), {}, nullptr) == NBUF_OK);
    CHECK(std::memcmp(to.begin(), expected.data(), Fenced::kSize) == 0);
    CHECK(is_shared || std::memcmp(from.begin(), source.data(), Fenced::kSize) == 0);
    stop_on_failure("core_copy", seed);
  }
}

void fills(uint64_t seed, const Fenced& to) {
  for (uint64_t last = seed + 6000; seed < last; seed++) {
    Random random(seed);
    const Case c = random_case(random);
    char item[24];
    for (char& byte : item) byte = static_cast<char>(random.next());
    std::vector<char> expected = to.content();
    for (int64_t k = 0; k < c.size(); k++)
      std::memcpy(&expected[c.at(c.dst, k)], item, static_cast<size_t>(c.itemsize));
    fill_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.in(to), item, nullptr);
    CHECK(std::memcmp(to.begin(), expected.data(), Fenced::kSize) == 0);
    stop_on_failure("core_copy", seed);
  }
}

// One item each, though there are more elements than anybody could visit.
void endless() {
  char memory[] = {1, 2, 3};
  const int64_t many[] = {int64_t{1} << 31, 2, int64_t{1} << 30};
  const int64_t still[] = {0, 1, 0};
  fill_elements(3, many, 1, {memory, still, {}}, memory + 2, nullptr);
  CHECK(memory[0] == 3 && memory[1] == 3);
  char other[] = {7, 8};
  CHECK(copy_elements(3, many, 1, {memory, still, {}}, {other, still, {}}, {}, nullptr) ==
        NBUF_OK);
  CHECK(memory[0] == 7 && memory[1] == 8 && memory[2] == 3);
  CHECK(copy_elements(3, many, 1, {memory, still, {}}, {memory + 1, still, {}}, {},
                      nullptr) == NBUF_OK);
  CHECK(memory[0] == 8 && memory[1] == 3 && memory[2] == 3);
}

// CPython repeats row 0 four times here (protocol-facts.md, surprise 2).
void shifted_rows() {
  char memory[16];
  for (int i = 0; i < 16; i++) memory[i] = static_cast<char>(i);
  const int64_t shape[] = {3, 4}, strides[] = {4, 1};
  CHECK(copy_elements(2, shape, 1, {memory + 4, strides, {}}, {memory, strides, {}}, {},
                      nullptr) == NBUF_OK);
  for (int i = 4; i < 16; i++) CHECK(memory[i] == i - 4);
  const int64_t eight[] = {8}, forth[] = {1}, back[] = {-1};
  CHECK(copy_elements(1, eight, 1, {memory, forth, {}}, {memory + 7, back, {}}, {},
                      nullptr) == NBUF_OK);  // turned around in place
  for (int i = 0; i < 4; i++) CHECK(memory[i] == 3 - i && memory[4 + i] == 3 - i);
}

void refusals() {
  char memory[1] = {7};
  const int64_t zero[] = {0, 0};
  const int64_t many[] = {int64_t{1} << 62, 1}, too_many[] = {int64_t{1} << 62, 4};
  const int64_t steps[] = {1, 0};
  nbuf_error error = no_error();
  CHECK(copy_elements(2, many, 1, {memory, steps, {}}, {memory, zero, {}}, {}, &error) ==
        NBUF_ERR_NOMEM);
  CHECK_TEXT(error.message, "overlapping views");
  CHECK(copy_elements(2, too_many, 1, {memory, zero, {}}, {memory, zero, {}}, {},
                      &error) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(memory[0] == 7);
  const int64_t none[] = {0, 4};
  CHECK(copy_elements(2, none, 1, {nullptr, zero, {}}, {nullptr, zero, {}}, {},
                      nullptr) == NBUF_OK);
  fill_elements(2, none, 1, {nullptr, zero, {}}, memory, nullptr);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_copy");
  Random random(seed);
  Fenced one, two;
  two.scribble(random);
  copies(seed, one, two);
  copies(seed, one, one);
  fills(seed, two);
  shifted_rows();
  endless();
  refusals();
  return check_result("core_copy");
}
