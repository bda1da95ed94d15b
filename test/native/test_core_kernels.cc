// test_core_kernels.cc - plans of every kernel level against a loop over the elements, on
// memory that starts and ends at forbidden pages, at every alignment.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "core/copy_plan.h"
#include "core/kernels/kernels.h"
#include "core_fixture.h"

using namespace nbuf::core;

namespace {

// Memory between two pages that nobody may touch.
class Fenced {
 public:
  static constexpr int64_t kSize = 128 << 10;
  Fenced() {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    all_ = static_cast<char*>(mmap(nullptr, kSize + 2 * page_, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK(mprotect(all_, page_, PROT_NONE) == 0);
    CHECK(mprotect(all_ + page_ + kSize, page_, PROT_NONE) == 0);
  }
  ~Fenced() { munmap(all_, kSize + 2 * page_); }
  char* begin() const { return all_ + page_; }
  void scribble(Random& random) const {
    for (int64_t i = 0; i < kSize; i += 8) {
      const uint64_t word = random.next();
      std::memcpy(begin() + i, &word, 8);
    }
  }

 private:
  char* all_;
  size_t page_;
};

struct Side {
  std::vector<int64_t> strides;
  int64_t first = 0;  // byte in the memory
};

struct Case {
  std::vector<int64_t> shape;
  int64_t itemsize = 1;
  int32_t swap = 0;
  bool shared = false;  // both sides are in the destination's memory
  Side dst, src;

  int32_t ndim() const { return static_cast<int32_t>(shape.size()); }
  int64_t size() const {
    return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  }
};

// ---- the model ----

void model_item(char* dst, const char* src, int64_t item, int32_t swap) {
  for (int64_t k = 0; k < item; k++)
    dst[swap > 1 ? k / swap * swap + swap - 1 - k % swap : k] = src[k];
}

// Element by element; `memory` is a copy of the destination's.
void model(const Case& c, std::vector<char>* memory, const std::vector<char>& source) {
  std::vector<int64_t> index(c.shape.size(), 0);
  const int64_t size = c.size();
  for (int64_t n = 0; n < size; n++) {
    int64_t to = c.dst.first, from = c.src.first;
    for (size_t i = 0; i < index.size(); i++) {
      to += index[i] * c.dst.strides[i];
      from += index[i] * c.src.strides[i];
    }
    model_item(memory->data() + to, source.data() + from, c.itemsize, c.swap);
    for (size_t i = index.size(); i-- > 0;) {
      if (++index[i] < c.shape[i]) break;
      index[i] = 0;
    }
  }
}

// ---- random cases ----

uint64_t below(Random& random, uint64_t n) { return random.next() % n; }
bool one_in(Random& random, uint64_t n) { return below(random, n) == 0; }

// Axes in a random order of strides, with gaps, reversed ones, and (sources) broadcast
// ones; false if it does not fit.
bool random_strides(Random& random, const Case& c, bool source, int64_t unit,
                    Side* side) {
  std::vector<size_t> order(c.shape.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (!one_in(random, 3))
    for (size_t i = order.size(); i > 1; i--)
      std::swap(order[i - 1], order[below(random, i)]);
  else if (one_in(random, 2))
    std::reverse(order.begin(), order.end());
  side->strides.assign(c.shape.size(), 0);
  int64_t stride = unit;
  if (source && one_in(random, 16))
    stride = c.itemsize + static_cast<int64_t>(below(random, 9));
  int64_t low = 0, high = c.itemsize;
  for (const size_t i : order) {
    if (one_in(random, 8))
      stride += static_cast<int64_t>(one_in(random, 2) ? below(random, 70)
                                                       : c.itemsize * below(random, 4));
    int64_t mine = source && one_in(random, 12) ? 0 : stride;
    if (one_in(random, 6)) mine = -mine;
    if (c.shape[i] == 1 && one_in(random, 2)) mine = INT64_MIN;  // not used
    side->strides[i] = mine;
    if (c.shape[i] > 1) (mine < 0 ? low : high) += (c.shape[i] - 1) * mine;
    stride *= c.shape[i];
    if (stride > Fenced::kSize) return false;
  }
  if (high - low > Fenced::kSize) return false;
  const int64_t room = Fenced::kSize - (high - low);
  const uint64_t end = below(random, 3);  // the first byte, the last one, any alignment
  const int64_t at =
      end == 0   ? 0
      : end == 1 ? room
                 : static_cast<int64_t>(below(
                       random, static_cast<uint64_t>(std::min<int64_t>(room, 130) + 1)));
  side->first = at - low;
  return true;
}

int64_t random_itemsize(Random& random) {
  static const int64_t kUsual[] = {1, 2, 4, 8, 16, 3, 1, 4};
  if (!one_in(random, 5)) return kUsual[below(random, 8)];
  return 1 + static_cast<int64_t>(below(random, one_in(random, 4) ? 700 : 40));
}

int64_t random_extent(Random& random) {
  switch (below(random, 6)) {
    case 0:
      return 1 + static_cast<int64_t>(below(random, 4));
    case 1:
      return 3 + static_cast<int64_t>(below(random, 2));
    case 2:
      return 16 + static_cast<int64_t>(below(random, 80));
    case 3:
      return 1 + static_cast<int64_t>(below(random, 1500));
    default:
      return 1 + static_cast<int64_t>(below(random, 40));
  }
}

// Long rows of a transpose, which stream, or whose strides crowd a few sets of a cache.
bool random_transpose(Random& random, Case* c) {
  c->itemsize = random.pick({1, 1, 2, 3, 4, 8, 16});
  const int64_t line = 64 / c->itemsize;
  const int64_t inner = one_in(random, 2)
                            ? 16 * line + static_cast<int64_t>(below(random, 300))
                            : random.pick({128, 256, 512}) / c->itemsize;
  const int64_t most = Fenced::kSize / (inner + 70) / c->itemsize;
  const int64_t across = std::min(most, line + static_cast<int64_t>(below(random, 40)));
  if (across < 1) return false;
  c->shape = {across, inner};
  c->swap = one_in(random, 3) ? static_cast<int32_t>(c->itemsize) : 0;
  c->shared = false;
  const auto row_of = [&](int64_t extent) {
    const int64_t bytes = extent * c->itemsize;
    const int64_t unit = random.pick({1, 1, c->itemsize, 64, 512, 1024, 4096});
    return (bytes + unit - 1) / unit * unit;
  };
  c->dst.strides = {row_of(inner), c->itemsize};
  c->src.strides = {c->itemsize, row_of(across)};
  const int64_t to = (across - 1) * c->dst.strides[0] + inner * c->itemsize;
  const int64_t from = (inner - 1) * c->src.strides[1] + across * c->itemsize;
  if (to > Fenced::kSize || from > Fenced::kSize) return false;
  c->dst.first = one_in(random, 2) ? 0 : Fenced::kSize - to;
  c->src.first = one_in(random, 2) ? 0 : Fenced::kSize - from;
  return true;
}

bool random_case(Random& random, Case* c) {
  if (one_in(random, 8)) return random_transpose(random, c);
  c->itemsize = random_itemsize(random);
  c->shape.resize(below(random, 6));
  for (int64_t& n : c->shape) n = random_extent(random);
  if (c->size() > Fenced::kSize / c->itemsize) return false;
  c->swap = 0;
  if (one_in(random, 3)) {
    std::vector<int32_t> divisors;
    for (int32_t d = 1; d <= c->itemsize; d++)
      if (c->itemsize % d == 0) divisors.push_back(d);
    c->swap = divisors[below(random, divisors.size())];
  }
  c->shared = one_in(random, 6);
  if (!c->shared)
    return random_strides(random, *c, false, c->itemsize, &c->dst) &&
           random_strides(random, *c, true, c->itemsize, &c->src);
  // In place, or both in every second item of the same layout.
  const bool in_place = one_in(random, 2);
  if (!random_strides(random, *c, false, c->itemsize * (in_place ? 1 : 2), &c->dst))
    return false;
  c->src = c->dst;
  if (in_place) return true;
  c->src.first += c->itemsize;
  int64_t high = c->src.first + c->itemsize;
  for (size_t i = 0; i < c->shape.size(); i++)
    if (c->shape[i] > 1 && c->dst.strides[i] > 0)
      high += (c->shape[i] - 1) * c->dst.strides[i];
  return high <= Fenced::kSize;
}

void print(const Case& c, uint64_t seed) {
  fprintf(stderr, "seed %llu: item %lld swap %d shared %d\n",
          static_cast<unsigned long long>(seed), static_cast<long long>(c.itemsize),
          c.swap, c.shared);
  for (size_t i = 0; i < c.shape.size(); i++)
    fprintf(stderr, "  %lld: %lld <- %lld\n", static_cast<long long>(c.shape[i]),
            static_cast<long long>(c.dst.strides[i]),
            static_cast<long long>(c.src.strides[i]));
}

struct World {
  Fenced dst, src;
};

bool check_case(const World& world, const Case& c) {
  const std::vector<char> before(world.dst.begin(), world.dst.begin() + Fenced::kSize);
  const Fenced& source = c.shared ? world.dst : world.src;
  std::vector<char> expected = before;
  model(c, &expected, {source.begin(), source.begin() + Fenced::kSize});
  Plan plan;
  std::memset(static_cast<void*>(&plan), 0xA5, sizeof plan);
  make_plan(c.ndim(), c.shape.data(), c.itemsize, c.swap, c.dst.strides.data(),
            c.src.strides.data(), &plan);
  char* dst = world.dst.begin() + c.dst.first;
  const char* src = source.begin() + c.src.first;
  run_plan(plan, dst, src);
  return std::memcmp(world.dst.begin(), expected.data(), expected.size()) == 0;
}

void set_random_level(Random& random, int32_t level) {
  set_kernel_level(static_cast<KernelLevel>(level), one_in(random, 2) ? 1 : 0);
}

void random_plans(uint64_t seed, int32_t level, int count) {
  const World world;
  for (int n = 0; n < count; n++) {
    const uint64_t mine = seed + static_cast<uint64_t>(n);
    Random random(mine);
    Case c;
    if (!random_case(random, &c)) continue;
    if (n % 64 == 0) world.src.scribble(random);
    if (n % 64 == 0) world.dst.scribble(random);
    set_random_level(random, level);
    if (check_case(world, c)) continue;
    print(c, mine);
    CHECK(!"a copy differs from the model");
    stop_on_failure("core_kernels", mine);
  }
}

// Rows longer than the fenced memory: one item everywhere, and nothing beside the row.
void long_fill(int64_t item, int32_t swap, int64_t offset) {
  const int64_t count = ((1 << 20) + 100) / item;
  std::vector<char> memory(static_cast<size_t>(count * item + 128), 'x');
  char pixel[16], expected[16];
  for (int i = 0; i < 16; i++) pixel[i] = static_cast<char>(i + 1);
  model_item(expected, pixel, item, swap);
  Plan plan;
  const int64_t still = 0;
  make_plan(1, &count, item, swap, &item, &still, &plan);
  run_plan(plan, memory.data() + offset, pixel);
  bool same = true;
  for (int64_t i = 0; i < static_cast<int64_t>(memory.size()); i++) {
    const int64_t at = i - offset;
    const bool inside = at >= 0 && at < count * item;
    same = same && memory[static_cast<size_t>(i)] == (inside ? expected[at % item] : 'x');
  }
  CHECK(same);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_kernels");
  const auto best = static_cast<int32_t>(best_kernel_level());
  for (int32_t level = 0; level <= best; level++) random_plans(seed, level, 6000);
  for (const int32_t item : {1, 2, 3, 4, 8, 12, 16})
    for (const int32_t swap : {0, item})
      for (const int64_t offset : {0, 1, 63}) long_fill(item, swap, offset);
  return check_result("core_kernels");
}
