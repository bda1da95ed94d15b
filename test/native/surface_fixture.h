// surface_fixture.h - providers as any peer may make them: strided, without strides,
// without a shape, row pointers said by suboffsets or by levels with axes in any order.
// And where each element is, straight from what nbuf.h says.
#ifndef NBUF_TEST_SURFACE_FIXTURE_H
#define NBUF_TEST_SURFACE_FIXTURE_H

#include <algorithm>
#include <numeric>

#include "core_fixture.h"

using Index = std::vector<int64_t>;

inline int64_t product_of(const Index& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1},
                         [](int64_t a, int64_t b) { return a * b; });
}

// The k-th index vector in C order.
inline Index index_of(const Index& shape, int64_t k) {
  Index index(shape.size());
  for (size_t i = shape.size(); i-- > 0; k /= shape[i]) index[i] = k % shape[i];
  return index;
}

enum class Form { strided, plain, flat, suboffsets, levels, two_levels };

struct Surfaced {
  nbuf_provider pub = {};
  Index shape, strides, suboffsets, post;
  std::vector<int32_t> axis_level;
  std::vector<char*> table;
  std::vector<nbuf_block> blocks;

  Surfaced() = default;
  Surfaced(const Surfaced&) = delete;

  // By the definitions, one axis after the other.
  char* at(const Index& index) const {
    char* p = static_cast<char*>(pub.buf);
    if (pub.shape == nullptr && pub.ndim == 1) return p + index[0];
    if (pub.level_count > 1) return at_levels(p, index);
    int64_t step = pub.itemsize, plain = 0;
    for (size_t i = index.size(); i-- > 0; step *= shape[i]) plain += index[i] * step;
    if (pub.strides == nullptr) return p + plain;
    for (size_t i = 0; i < index.size(); i++) {
      p += index[i] * strides[i];
      if (pub.suboffsets != nullptr && suboffsets[i] >= 0)
        p = *reinterpret_cast<char**>(p) + suboffsets[i];
    }
    return p;
  }
  char* at_levels(char* p, const Index& index) const {
    for (int32_t level = 0; level < pub.level_count; level++) {
      for (size_t i = 0; i < index.size(); i++)
        if (axis_level[i] == level) p += index[i] * strides[i];
      if (level + 1 < pub.level_count)
        p = *reinterpret_cast<char**>(p) + post[static_cast<size_t>(level)];
    }
    return p;
  }
  int64_t item() const {
    return pub.shape == nullptr && pub.ndim == 1 ? 1 : pub.itemsize;
  }
  Index extents() const {
    return pub.shape == nullptr && pub.ndim == 1 ? Index{pub.len} : shape;
  }
};

inline void ignore_provider(nbuf_provider*) {}
inline const nbuf_provider_ops kIgnore = {sizeof kIgnore, 0, ignore_provider,
                                          ignore_provider, ignore_provider};

inline void finish_provider(Surfaced* s, int64_t itemsize, void* buf) {
  nbuf_provider& p = s->pub;
  p.struct_size = sizeof p;
  p.ops = &kIgnore;
  p.itemsize = itemsize;
  p.ndim = static_cast<int32_t>(s->shape.size());
  p.len = product_of(s->shape) * itemsize;
  p.buf = buf;
  p.shape = p.ndim > 0 ? s->shape.data() : nullptr;
  p.strides = p.ndim > 0 ? s->strides.data() : nullptr;
  p.blocks = s->blocks.data();
  p.block_count = static_cast<int32_t>(s->blocks.size());
}

// Strides of axes [from, ndim) in a random order with random gaps and signs; returns
// {bytes before the first element, bytes from it on}.
inline std::pair<int64_t, int64_t> random_strides(Random& random, Surfaced* s,
                                                  int64_t itemsize, size_t from) {
  std::vector<size_t> axes(s->shape.size() - from);
  std::iota(axes.begin(), axes.end(), from);
  for (size_t i = axes.size(); i > 1; i--)
    std::swap(axes[i - 1],
              axes[static_cast<size_t>(random.between(0, static_cast<int64_t>(i) - 1))]);
  int64_t low = 0, high = itemsize, step = itemsize;
  for (const size_t axis : axes) {
    if (random.chance(30)) step += random.between(1, 5);
    const bool backwards = random.chance(30);
    const int64_t reach = (std::max<int64_t>(s->shape[axis], 1) - 1) * step;
    s->strides[axis] = backwards ? -step : step;
    (backwards ? low : high) += reach;
    step *= std::max<int64_t>(s->shape[axis], 1);
  }
  return {low, high};
}

// A pool of bytes for one case: the first part is handed out from the front.
struct Pool {
  std::vector<char> bytes;
  size_t used = 0;
  explicit Pool(size_t size) : bytes(size) {}
  char* take(int64_t size) {
    used += static_cast<size_t>(size);
    CHECK(used <= bytes.size());
    return bytes.data() + used - size;
  }
};

inline void make_strided(Random& random, Surfaced* s, int64_t itemsize, Pool* pool) {
  const auto [low, high] = random_strides(random, s, itemsize, 0);
  const int64_t pad = random.between(0, 3);
  char* base = pool->take(low + high + pad);
  s->blocks.push_back({base, low + high + pad, 0, 0, 0});
  finish_provider(s, itemsize, base + low);
}

// Axis 0 by pointers: every row its own block.
inline void make_rows(Random& random, Surfaced* s, int64_t itemsize, Pool* pool) {
  const auto [low, high] = random_strides(random, s, itemsize, 1);
  const int64_t post = random.between(0, 4);
  for (int64_t k = 0; k < std::max<int64_t>(s->shape[0], 1); k++) {
    char* base = pool->take(low + high + 1);
    s->blocks.push_back({base, low + high + 1, 0, 0, 0});
    s->table.push_back(base + low - post);
  }
  std::reverse(s->table.begin(), s->table.end());  // later rows first
  const auto bytes = static_cast<int64_t>(s->table.size() * sizeof(char*));
  s->blocks.push_back({s->table.data(), bytes, 0, NBUF_TABLE, 0});
  s->strides[0] = sizeof(char*);
  s->suboffsets.assign(s->shape.size(), -1);
  s->suboffsets[0] = post;
  finish_provider(s, itemsize, s->table.data());
  s->pub.suboffsets = s->suboffsets.data();
}

// The same said by levels, with one more level in front if asked, and axes shuffled.
inline void use_levels(Random& random, Surfaced* s, bool two) {
  if (two) {  // one pointer to the table, and an axis of nobody in front of it
    s->table.push_back(reinterpret_cast<char*>(s->table.data()) + 8);
    s->table.shrink_to_fit();
    s->table.back() = reinterpret_cast<char*>(s->table.data()) + 8;
    for (nbuf_block& block : s->blocks)
      if (block.flags == NBUF_TABLE)
        block = {s->table.data(), static_cast<int64_t>(s->table.size() * 8), 0,
                 NBUF_TABLE, 0};
    s->post = {-8, s->suboffsets[0]};
    s->pub.buf = &s->table.back();
  } else {
    s->post = {s->suboffsets[0]};
  }
  s->pub.suboffsets = nullptr;
  s->axis_level.assign(s->shape.size(), two ? 2 : 1);
  s->axis_level[0] = two ? 1 : 0;
  if (random.chance(60) && s->shape.size() > 1) {  // which PEP 3118 cannot say
    const auto other =
        static_cast<size_t>(random.between(1, static_cast<int64_t>(s->shape.size()) - 1));
    std::swap(s->shape[0], s->shape[other]);
    std::swap(s->strides[0], s->strides[other]);
    std::swap(s->axis_level[0], s->axis_level[other]);
  }
  s->pub.level_count = two ? 3 : 2;
  s->pub.axis_level = s->axis_level.data();
  s->pub.post_offsets = s->post.data();
}

// A provider of this form whose shape is `shape`, up to a swap of axes of levels.
inline void make_surface(Random& random, Form form, const Index& shape, int64_t itemsize,
                         Pool* pool, Surfaced* s) {
  s->shape = shape;
  s->strides.assign(shape.size(), 0);
  const bool indirect = form >= Form::suboffsets && !shape.empty();
  if (indirect) {
    make_rows(random, s, itemsize, pool);
    if (form != Form::suboffsets) use_levels(random, s, form == Form::two_levels);
    return;
  }
  if (form == Form::strided || form >= Form::suboffsets) {
    make_strided(random, s, itemsize, pool);
    return;
  }
  const int64_t bytes = product_of(shape) * itemsize;
  char* base = pool->take(bytes);
  s->blocks.push_back({base, bytes, 0, 0, 0});
  finish_provider(s, itemsize, base);
  s->pub.strides = nullptr;
  if (form == Form::flat) {
    s->pub.shape = nullptr;
    s->pub.ndim = 1;
  }
}

#endif  // NBUF_TEST_SURFACE_FIXTURE_H
