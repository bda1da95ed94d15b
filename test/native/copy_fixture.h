// copy_fixture.h - memory between forbidden pages, random layouts in it, also behind
// pointers, and the slow model of a copy.
#ifndef NBUF_TEST_COPY_FIXTURE_H
#define NBUF_TEST_COPY_FIXTURE_H

#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <memory>

#include "core/copy.h"
#include "core_fixture.h"

// Memory between two pages that nobody may touch.
class Fenced {
 public:
  explicit Fenced(size_t size = 8192) : size_(size) {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    all_ = static_cast<char*>(mmap(nullptr, size_ + 2 * page_, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK(mprotect(all_, page_, PROT_NONE) == 0);
    CHECK(mprotect(all_ + page_ + size_, page_, PROT_NONE) == 0);
  }
  Fenced(const Fenced&) = delete;
  ~Fenced() { munmap(all_, size_ + 2 * page_); }
  size_t size() const { return size_; }
  char* begin() const { return all_ + page_; }
  std::vector<char> content() const { return {begin(), begin() + size_}; }
  void scribble(Random& random) {
    for (size_t i = 0; i < size_; i += 8) {
      const uint64_t word = random.next();
      std::memcpy(begin() + i, &word, 8);
    }
  }

 private:
  char* all_;
  size_t size_, page_;
};

// One side of a random copy; its tables are its own.
struct TestSide {
  std::vector<int64_t> strides;
  char* first = nullptr;
  std::vector<int32_t> axis_level;  // empty: direct
  std::vector<int64_t> post;
  std::vector<char> tables;
  std::map<const char*, char*> pointers;  // what the tables say, for the model

  nbuf::core::Side side() const {
    if (axis_level.empty() && post.empty()) return {first, strides.data(), {}};
    return {first,
            strides.data(),
            {static_cast<int32_t>(post.size()) + 1, axis_level.data(), post.data()}};
  }
};

struct CopyCase {
  std::vector<int64_t> shape;
  int64_t itemsize = 1;
  int32_t swap = 0;
  TestSide dst, src;

  int32_t ndim() const { return static_cast<int32_t>(shape.size()); }
  int64_t size() const {
    int64_t product = 1;
    for (const int64_t n : shape) product *= n;
    return product;
  }
  std::vector<int64_t> index(int64_t k) const {  // of the k-th element in C order
    std::vector<int64_t> at(shape.size());
    for (size_t i = shape.size(); i-- > 0; k /= shape[i]) at[i] = k % shape[i];
    return at;
  }
  char* at(const TestSide& side, int64_t k) const {
    const std::vector<int64_t> i = index(k);
    char* here = side.first;
    for (size_t level = 0;; level++) {
      for (size_t axis = 0; axis < shape.size(); axis++)
        if (side.axis_level.empty() ||
            side.axis_level[axis] == static_cast<int32_t>(level))
          here += i[axis] * side.strides[axis];
      if (level == side.post.size()) return here;
      here = side.pointers.at(here) + side.post[level];
    }
  }
};

// ---- random sides ----

// Every element has bytes of its own, in any order of the axes, with gaps and flips.
inline std::vector<int64_t> separate_strides(Random& random, const CopyCase& c) {
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

struct Reach {
  int64_t low = 0, high;
};
inline Reach reach_of(const CopyCase& c, const TestSide& side, int32_t level) {
  Reach reach;
  reach.high = c.itemsize;
  for (size_t i = 0; i < c.shape.size(); i++)
    if (side.axis_level.empty() || side.axis_level[i] == level)
      (side.strides[i] < 0 ? reach.low : reach.high) +=
          (c.shape[i] - 1) * side.strides[i];
  return reach;
}

// Where a piece may start: at one end of the memory, a byte from it, or anywhere. NULL if
// it is too large.
inline char* place(Random& random, const Reach& reach, const Fenced& memory) {
  const int64_t last = static_cast<int64_t>(memory.size()) - reach.high;
  const int64_t first = -reach.low;
  if (first > last) return nullptr;
  const int64_t start = random.between(first, last);
  return memory.begin() +
         random.pick({first, last, start, start, first + 1 > last ? last : first + 1,
                      last - 1 < first ? first : last - 1});
}

inline bool place_direct(Random& random, const CopyCase& c, TestSide* side,
                         const Fenced& memory) {
  for (const int64_t n : c.shape)
    if (n == 0) return side->first = memory.begin(), true;
  side->first = place(random, reach_of(c, *side, 0), memory);
  return side->first != nullptr;
}

// Fills tables that lead from any level to pieces of `memory`.
class TableMaker {
 public:
  TableMaker(Random& random, const CopyCase& c, TestSide* side, const Fenced& memory)
      : random_(random), c_(c), side_(side), memory_(memory) {}

  bool make() {
    const auto levels = static_cast<int32_t>(side_->post.size()) + 1;
    for (size_t i = 0; i < c_.shape.size(); i++) {
      const bool is_pointer = side_->axis_level[i] + 1 < levels;
      if (is_pointer) side_->strides[i] = 8 * random_.between(-4, 4);
    }
    side_->tables.resize(1 << 16);
    next_ = random_.between(0, 8);  // tables need not be aligned
    is_shuffled_ = random_.chance(30);
    if (!is_shuffled_) rising_ = memory_.begin() + random_.between(0, 99);
    side_->first = start(0);
    return side_->first != nullptr;
  }

 private:
  // Where level `level` starts for one pointer (its post is added by the walk).
  char* start(int32_t level) {
    if (level == static_cast<int32_t>(side_->post.size())) return piece(level);
    Reach reach = reach_of(c_, *side_, level);
    reach.high += 8 - c_.itemsize;
    if (next_ + reach.high - reach.low > static_cast<int64_t>(side_->tables.size()))
      return nullptr;
    char* first = side_->tables.data() + next_ - reach.low;
    next_ += reach.high - reach.low;
    return entries(level, first, 0) ? first : nullptr;
  }

  // All entries of one table: over the axes of this level.
  bool entries(int32_t level, char* at, size_t axis) {
    if (axis < c_.shape.size()) {
      if (side_->axis_level[axis] != level) return entries(level, at, axis + 1);
      for (int64_t k = 0; k < c_.shape[axis]; k++)
        if (!entries(level, at + k * side_->strides[axis], axis + 1)) return false;
      return true;
    }
    if (side_->pointers.count(at) != 0) return true;
    char* target = !made_.empty() && is_shuffled_ && random_.chance(20)
                       ? same_level(level)
                       : nullptr;
    if (target == nullptr) target = start(level + 1);
    if (target == nullptr) return false;
    made_.push_back({level, target});
    target -= side_->post[static_cast<size_t>(level)];
    side_->pointers[at] = target;
    std::memcpy(at, &target, sizeof target);
    return true;
  }

  char* same_level(int32_t level) {
    for (const auto& [at, target] : made_)
      if (at == level) return target;
    return nullptr;
  }

  char* piece(int32_t level) {
    const Reach reach = reach_of(c_, *side_, level);
    if (is_shuffled_) return place(random_, reach, memory_);
    char* first = rising_ - reach.low;
    rising_ += reach.high - reach.low + (random_.chance(30) ? random_.between(0, 9) : 0);
    return rising_ <= memory_.begin() + memory_.size() ? first : nullptr;
  }

  Random& random_;
  const CopyCase& c_;
  TestSide* side_;
  const Fenced& memory_;
  int64_t next_ = 0;
  bool is_shuffled_ = false;  // pieces anywhere, some more than once
  char* rising_ = nullptr;
  std::vector<std::pair<int32_t, char*>> made_;
};

inline bool place_levels(Random& random, const CopyCase& c, TestSide* side,
                         const Fenced& memory) {
  for (const int64_t n : c.shape)
    if (n == 0) return place_direct(random, c, side, memory);
  const int64_t last = random.between(1, 3);
  for (int64_t i = 0; i < last; i++) side->post.push_back(random.between(-20, 20));
  for (size_t i = 0; i < c.shape.size(); i++)
    side->axis_level.push_back(static_cast<int32_t>(random.between(0, last)));
  if (side->axis_level.empty()) side->axis_level.reserve(1);  // data() is not NULL
  return TableMaker(random, c, side, memory).make();
}

// src is dst with axes reversed or exchanged: as whole places, not only as bytes.
inline void turn_around(Random& random, CopyCase* c) {
  c->src.strides = c->dst.strides;
  c->src.first = c->dst.first;
  for (size_t i = 0; i < c->shape.size(); i++) {
    if (!random.chance(50)) continue;
    c->src.first += (c->shape[i] - 1) * c->src.strides[i];
    c->src.strides[i] = -c->src.strides[i];
  }
  for (size_t i = 0; i < c->shape.size(); i++)
    for (size_t k = 0; k < i; k++)
      if (c->shape[i] == c->shape[k] && random.chance(50))
        std::swap(c->src.strides[i], c->src.strides[k]);
}

// ---- the model ----

// Offsets of the elements in C order.
inline std::vector<int64_t> offsets_of(const CopyCase& c, const TestSide& side,
                                       const Fenced& memory) {
  std::vector<int64_t> offsets;
  for (int64_t k = 0; k < c.size(); k++)
    offsets.push_back(c.at(side, k) - memory.begin());
  return offsets;
}

// dst may be src.
inline void model_copy(const CopyCase& c, const std::vector<int64_t>& to,
                       const std::vector<int64_t>& from, std::vector<char>& dst,
                       const std::vector<char>& src) {
  const auto item = static_cast<size_t>(c.itemsize);
  const size_t group = c.swap > 1 ? static_cast<size_t>(c.swap) : 1;
  std::vector<char> packed(to.size() * item);
  for (size_t k = 0; k < to.size(); k++)
    for (size_t i = 0; i < item; i++) {
      const size_t in_group = i % group;
      packed[k * item + i] =
          src[static_cast<size_t>(from[k]) + i - in_group + group - 1 - in_group];
    }
  for (size_t k = 0; k < to.size(); k++)
    for (size_t i = 0; i < item; i++)
      dst[static_cast<size_t>(to[k]) + i] = packed[k * item + i];
}

#endif  // NBUF_TEST_COPY_FIXTURE_H
