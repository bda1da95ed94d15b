// fuzz_copy.cc - libFuzzer's target for copies: two layouts and the bytes they lie in,
// also behind pointers, against element by element copies through a temporary.
#include <algorithm>

#include "copy_fixture.h"
#include "core/copy_job.h"

using namespace nbuf::core;

namespace {

// Small numbers from the input; 0 when it ends.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}
  int64_t below(int64_t limit) { return (at_ < end_ ? *at_++ : 0) % limit; }
  int64_t stride() { return at_ < end_ ? static_cast<int8_t>(*at_++) : 0; }
  uint64_t word() {
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word = word << 8 | static_cast<uint64_t>(below(256));
    return word;
  }

 private:
  const uint8_t *at_, *end_;
};

// Strides as they come, or those of the other side; any place where all elements fit in.
bool take_side(Input& in, const CopyCase& c, const TestSide* other, const Fenced& memory,
               TestSide* side) {
  const int64_t kind = in.below(8);
  for (size_t i = 0; i < c.shape.size(); i++) {
    const int64_t stride = in.stride() * (kind % 2 == 0 ? 1 : c.itemsize);
    const bool is_same = other != nullptr && kind >= 4;
    side->strides.push_back(is_same ? other->strides[i] * (kind == 5 ? -1 : 1) : stride);
  }
  if (kind == 6) std::reverse(side->strides.begin(), side->strides.end());
  if (kind == 7) {
    Random random(in.word());
    return place_levels(random, c, side, memory);
  }
  for (const int64_t n : c.shape)
    if (n == 0) return side->first = memory.begin(), true;
  const Reach reach = reach_of(c, *side, 0);
  const int64_t room = static_cast<int64_t>(memory.size()) - (reach.high - reach.low);
  if (room < 0) return false;
  side->first = memory.begin() - reach.low + std::min(room, in.below(256));
  return true;
}

bool take_case(Input& in, const Fenced& memory, CopyCase* c) {
  c->itemsize = in.below(17) + 1;
  const int64_t swap = in.below(18);
  c->swap = swap > 1 && c->itemsize % swap == 0 ? static_cast<int32_t>(swap) : 0;
  const int64_t ndim = in.below(5);
  for (int64_t i = 0; i < ndim; i++) c->shape.push_back(in.below(7));
  return take_side(in, *c, nullptr, memory, &c->dst) &&
         take_side(in, *c, &c->dst, memory, &c->src);
}

void must(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "fuzz_copy: %s\n", what);
  std::abort();
}

void run_job(const CopyCase& c, int64_t chunk_bytes) {
  CopyJob job;
  must(job.prepare(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                   {c.swap}, nullptr, chunk_bytes) == NBUF_OK,
       "prepare failed");
  for (int64_t i = job.barrier(); i-- > 0;) job.run(i);
  for (int64_t i = job.chunk_count(); i-- > job.barrier();) job.run(i);
}

bool model_equal(const CopyCase& c) {
  for (int64_t k = 0; k < c.size(); k++)
    if (std::memcmp(c.at(c.dst, k), c.at(c.src, k), static_cast<size_t>(c.itemsize)) != 0)
      return false;
  return true;
}

void check_copy(const CopyCase& c, const Fenced& memory, int64_t chunk_bytes) {
  std::vector<char> expected = memory.content();
  const std::vector<char> before = expected;
  model_copy(c, offsets_of(c, c.dst, memory), offsets_of(c, c.src, memory), expected,
             before);
  if (chunk_bytes > 0)
    run_job(c, chunk_bytes);
  else
    must(copy_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                       {c.swap}, nullptr) == NBUF_OK,
         "copy failed");
  must(std::memcmp(memory.begin(), expected.data(), memory.size()) == 0, "wrong bytes");
}

void check_fill(const CopyCase& c, const Fenced& memory, const char* item) {
  std::vector<char> expected = memory.content();
  for (const int64_t at : offsets_of(c, c.dst, memory))
    std::memcpy(&expected[static_cast<size_t>(at)], item,
                static_cast<size_t>(c.itemsize));
  must(fill_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), item, nullptr) ==
           NBUF_OK,
       "fill failed");
  must(std::memcmp(memory.begin(), expected.data(), memory.size()) == 0, "wrong fill");
}

void check_equal(const CopyCase& c) {
  bool answer = false;
  must(equal_elements(c.ndim(), c.shape.data(), c.itemsize, c.dst.side(), c.src.side(),
                      {}, &answer, nullptr) == NBUF_OK,
       "equal failed");
  must(answer == model_equal(c), "wrong answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Fenced* memory = new Fenced(4096);  // never freed: no static destructor
  Input in(data, size);
  Random random(in.word());
  const int64_t what = in.below(8);
  CopyCase c;
  if (!take_case(in, *memory, &c)) return 0;
  memory->scribble(random);
  if (what == 1) std::memset(memory->begin(), 0, memory->size());
  char item[17];
  for (char& byte : item) byte = static_cast<char>(what == 2 ? 7 : random.next());
  if (what < 2)
    check_equal(c);
  else if (what < 4)
    check_fill(c, *memory, item);
  else
    check_copy(c, *memory, what == 4 ? 1 : what == 5 ? 50 : 0);
  return 0;
}
