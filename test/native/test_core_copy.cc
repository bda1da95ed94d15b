// test_core_copy.cc - copies, jobs and fills of random layouts against element by element
// copies through a temporary, over shared and separate memory that ends at forbidden
// pages.
#include "core/copy.h"

#include "copy_fixture.h"
#include "core/copy_job.h"

using namespace nbuf::core;

extern "C" {
const char* __asan_default_options() { return "allocator_may_return_null=1"; }
const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
}

namespace {

// ---- random cases ----

int64_t random_item(Random& random, CopyCase* c) {
  c->itemsize = random.pick({1, 2, 3, 4, 8, 16, random.between(1, 17), 24});
  if (!random.chance(40)) return c->swap = 0, c->itemsize;
  do c->swap = static_cast<int32_t>(random.between(0, c->itemsize));
  while (c->swap > 1 && c->itemsize % c->swap != 0);
  return c->itemsize;
}

void random_strides(Random& random, CopyCase* c) {
  c->dst.strides = separate_strides(random, *c);
  const int repeats = random.chance(20) ? 40 : 0, overlaps = random.chance(10) ? 50 : 0;
  for (int64_t& stride : c->dst.strides) {
    if (random.chance(repeats)) stride = 0;
    if (random.chance(overlaps)) stride = random.between(-20, 20);
  }
  c->src.strides = separate_strides(random, *c);
  const int wild = random.chance(40) ? 50 : 0;
  for (int64_t& stride : c->src.strides)
    if (random.chance(wild)) stride = random.pick({0, random.between(-40, 40)});
  if (random.chance(25)) c->src.strides = c->dst.strides;
}

bool make_case(Random& random, const Fenced& to, const Fenced& from, CopyCase* c) {
  random_item(random, c);
  const int64_t square = random.chance(30) ? random.between(2, 5) : 0;
  for (int64_t i = random.between(0, 5); i > 0; i--)
    c->shape.push_back(random.chance(2) ? 0
                       : square != 0    ? square
                                        : random.between(1, 5));
  if (random.chance(3)) c->shape.insert(c->shape.begin(), 64 - c->shape.size(), 1);
  random_strides(random, c);
  const bool has_levels = random.chance(40);
  if (!(has_levels && random.chance(60) ? place_levels : place_direct)(random, *c,
                                                                       &c->dst, to))
    return false;
  if (!has_levels && &to == &from && random.chance(30))
    return turn_around(random, c), true;
  return (has_levels && random.chance(70) ? place_levels : place_direct)(random, *c,
                                                                         &c->src, from);
}

std::unique_ptr<CopyCase> random_case(Random& random, const Fenced& to,
                                      const Fenced& from) {
  for (;;) {
    auto c = std::make_unique<CopyCase>();
    if (make_case(random, to, from, c.get())) return c;
  }
}

Status copy(const CopyCase& c) {
  return copy_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                       {c.swap}, nullptr);
}

// The chunks from `first` to `end`, in any order.
void run_shuffled(Random& random, const CopyJob& job, int64_t first, int64_t end) {
  std::vector<int64_t> chunks;
  for (int64_t i = first; i < end; i++) chunks.push_back(i);
  while (!chunks.empty()) {
    const int64_t at = random.between(0, static_cast<int64_t>(chunks.size()) - 1);
    job.run(chunks[static_cast<size_t>(at)]);
    chunks.erase(chunks.begin() + at);
  }
}

Status copy_by_job(Random& random, const CopyCase& c) {
  CopyJob job;
  const Status status =
      job.prepare(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                  {c.swap}, nullptr, random.pick({1, 7, 64, 500, CopyJob::kChunk}));
  int64_t bytes = 0;
  for (int64_t i = 0; i < job.chunk_count(); i++) bytes += job.bytes_of(i);
  CHECK(bytes <= 2 * c.size() * c.itemsize);
  run_shuffled(random, job, 0, job.barrier());
  run_shuffled(random, job, job.barrier(), job.chunk_count());
  job.finish();
  return status;
}

void copies(uint64_t seed, Fenced& to, const Fenced& from) {
  for (uint64_t last = seed + 12000; seed < last; seed++) {
    Random random(seed);
    const auto c = random_case(random, to, from);
    const bool is_shared = &to == &from;
    to.scribble(random);  // copies of copies would soon look alike
    std::vector<char> expected = to.content();
    const std::vector<char> source = from.content();
    model_copy(*c, offsets_of(*c, c->dst, to), offsets_of(*c, c->src, from), expected,
               source);
    CHECK((random.chance(70) ? copy(*c) : copy_by_job(random, *c)) == NBUF_OK);
    CHECK(std::memcmp(to.begin(), expected.data(), to.size()) == 0);
    CHECK(is_shared || std::memcmp(from.begin(), source.data(), from.size()) == 0);
    stop_on_failure("core_copy", seed);
  }
}

void fills(uint64_t seed, const Fenced& to) {
  for (uint64_t last = seed + 6000; seed < last; seed++) {
    Random random(seed);
    const auto c = random_case(random, to, to);
    char item[24];
    for (char& byte : item)
      byte = random.chance(50) ? 7 : static_cast<char>(random.next());
    std::vector<char> expected = to.content();
    for (const int64_t at : offsets_of(*c, c->dst, to))
      std::memcpy(&expected[static_cast<size_t>(at)], item,
                  static_cast<size_t>(c->itemsize));
    CHECK(fill_elements(c->ndim(), c->shape.data(), c->itemsize, c->dst.side(), item,
                        nullptr) == NBUF_OK);
    CHECK(std::memcmp(to.begin(), expected.data(), to.size()) == 0);
    stop_on_failure("core_copy", seed);
  }
}

// Runs long enough for memset and for the repeated pattern.
void long_fills(uint64_t seed) {
  Fenced memory(1 << 16);
  for (uint64_t last = seed + 300; seed < last; seed++) {
    Random random(seed);
    memory.scribble(random);
    std::vector<char> expected = memory.content();
    const int64_t itemsize = random.pick({1, 2, 3, 5, 8, 16, 24, 3000});
    const int64_t shape[] = {random.between(1, 3), random.between(1, 20000 / itemsize)};
    const int64_t row = shape[1] * itemsize + random.between(0, 9);
    const int64_t strides[] = {row, itemsize};
    const int64_t start = static_cast<int64_t>(memory.size()) - shape[0] * row;
    std::vector<char> item(static_cast<size_t>(itemsize), 'x');
    if (random.chance(70))
      for (char& byte : item) byte = static_cast<char>(random.next());
    for (int64_t k = 0; k < shape[0] * shape[1]; k++)
      std::memcpy(&expected[static_cast<size_t>(start + k / shape[1] * row +
                                                k % shape[1] * itemsize)],
                  item.data(), item.size());
    CHECK(fill_elements(2, shape, itemsize, {memory.begin() + start, strides, {}},
                        item.data(), nullptr) == NBUF_OK);
    CHECK(std::memcmp(memory.begin(), expected.data(), memory.size()) == 0);
    stop_on_failure("core_copy", seed);
  }
}

Status plain_copy(int32_t ndim, const int64_t* shape, char* dst,
                  const int64_t* dst_strides, char* src, const int64_t* src_strides,
                  nbuf_error* error = nullptr) {
  return copy_elements(ndim, shape, 1, {dst, dst_strides, {}}, {src, src_strides, {}}, {},
                       error);
}

// One item each, though there are more elements than anybody could visit.
void endless() {
  char memory[] = {1, 2, 3};
  const int64_t many[] = {int64_t{1} << 31, 2, int64_t{1} << 30};
  const int64_t still[] = {0, 1, 0};
  CHECK(fill_elements(3, many, 1, {memory, still, {}}, memory + 2, nullptr) == NBUF_OK);
  CHECK(memory[0] == 3 && memory[1] == 3);
  char other[] = {7, 8};
  CHECK(plain_copy(3, many, memory, still, other, still) == NBUF_OK);
  CHECK(memory[0] == 7 && memory[1] == 8 && memory[2] == 3);
  CHECK(plain_copy(3, many, memory, still, memory + 1, still) == NBUF_OK);
  CHECK(memory[0] == 8 && memory[1] == 3 && memory[2] == 3);
}

// CPython repeats row 0 four times here (protocol-facts.md, surprise 2).
void shifted_rows() {
  char memory[16];
  for (int i = 0; i < 16; i++) memory[i] = static_cast<char>(i);
  const int64_t shape[] = {3, 4}, strides[] = {4, 1};
  CHECK(plain_copy(2, shape, memory + 4, strides, memory, strides) == NBUF_OK);
  for (int i = 4; i < 16; i++) CHECK(memory[i] == i - 4);
  const int64_t eight[] = {8}, forth[] = {1}, back[] = {-1};
  CHECK(plain_copy(1, eight, memory, forth, memory + 7, back) == NBUF_OK);
  for (int i = 0; i < 4; i++) CHECK(memory[i] == 3 - i && memory[4 + i] == 3 - i);
}

// Memory that exists only as addresses: whoever needs a temporary for these fails.
void without_temporary() {
  constexpr int64_t kHuge = int64_t{1} << 33;
  char* memory =
      static_cast<char*>(mmap(nullptr, kHuge, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  CHECK(memory != MAP_FAILED);
  const int64_t half = kHuge / 2 - 4, windows[] = {half / 2, half / 2}, ones[] = {1, 1};
  nbuf_error error = no_error();
  CHECK(plain_copy(2, windows, memory, ones, memory + 1, ones, &error) == NBUF_ERR_NOMEM);
  CHECK_TEXT(error.message, "overlapping views");
  CHECK(plain_copy(2, windows, memory, ones, memory, ones) == NBUF_OK);  // in its place
  munmap(memory, kHuge);
}

void refusals() {
  char memory[2] = {7, 8};
  const int64_t zero[] = {0, 0}, two[] = {2};
  const int64_t too_many[] = {int64_t{1} << 62, 4};
  nbuf_error error = no_error();
  CHECK(plain_copy(2, too_many, memory, zero, memory, zero, &error) ==
        NBUF_ERR_OUT_OF_RANGE);
  for (const int32_t swap : {-1, 3, 4})
    CHECK(copy_elements(1, two, 2, {memory, zero, {}}, {memory, zero, {}}, {swap},
                        &error) == NBUF_ERR_OUT_OF_RANGE);
  CHECK_TEXT(error.message, "groups of 4");
  CHECK(memory[0] == 7 && memory[1] == 8);
  const int64_t none[] = {0, 4};
  CHECK(plain_copy(2, none, nullptr, zero, nullptr, zero) == NBUF_OK);
  CHECK(fill_elements(2, none, 1, {nullptr, zero, {}}, memory, nullptr) == NBUF_OK);
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
  long_fills(seed);
  shifted_rows();
  endless();
  without_temporary();
  refusals();
  return check_result("core_copy");
}
