// levels_world.h - random memory behind pointers, and a slow model that follows them by
// itself: index by index, in 128 bits, over its own idea of what the tables contain.
#ifndef NBUF_TEST_LEVELS_WORLD_H
#define NBUF_TEST_LEVELS_WORLD_H

#include <functional>

#include "core/assembly.h"
#include "core_fixture.h"

struct Shaped {
  int32_t ndim = 0, levels = 1;
  int64_t shape[NBUF_MAX_NDIM] = {}, strides[NBUF_MAX_NDIM] = {};
  int64_t post[NBUF_MAX_NDIM] = {}, offset = 0, itemsize = 1;
  int32_t axis_level[NBUF_MAX_NDIM] = {};

  nbuf::core::LayoutSpec spec() const {
    return {ndim, shape, strides, offset, itemsize, "opaque", {levels, axis_level, post}};
  }
  int64_t elements() const {
    int64_t count = 1;
    for (int32_t i = 0; i < ndim; i++) count *= shape[i];
    return count;
  }
  // Calls `use` with every index vector, in C order.
  void each(const std::function<void(const int64_t*)>& use) const {
    int64_t index[NBUF_MAX_NDIM] = {};
    if (elements() == 0) return;
    for (;;) {
      use(index);
      int32_t i = ndim;
      while (i > 0 && ++index[i - 1] == shape[i - 1]) index[--i] = 0;
      if (i == 0) return;
    }
  }
};

class LevelsWorld {
 public:
  explicit LevelsWorld(Random& random) : random_(random) {
    const int64_t blocks = random.between(1, 4);
    for (int64_t i = 0; i < blocks; i++) {
      bytes_.emplace_back(static_cast<size_t>(random.between(220, 400)));
      for (char& byte : bytes_.back()) byte = static_cast<char>(random.next());
    }
    choose_axes();
    layout.offset = lay_out(0);
  }

  Shaped layout;
  std::vector<nbuf::core::TableEntry> entries;
  // Entries [first, first + count) that belong to one table.
  struct Table {
    int64_t first, count;
  };
  std::vector<Table> tables;

  nbuf::core::Memory* make(nbuf_error* error = nullptr) {
    std::vector<nbuf::core::Provider*> parts;
    for (auto& block : bytes_) parts.push_back(provide(block));
    nbuf::core::Memory* memory;
    const auto status = nbuf::core::make_assembly(
        parts.data(), static_cast<int32_t>(parts.size()), entries.data(),
        static_cast<int64_t>(entries.size()), 0, &memory, error);
    CHECK(status == NBUF_OK);
    for (nbuf::core::Provider* part : parts) nbuf::core::release(part);
    base_ = status == NBUF_OK ? memory->block.base : nullptr;
    return memory;
  }

  // The element's address; 0 where the way there is not inside the memory.
  using Wide = __int128;
  Wide address(const Shaped& s, const int64_t* index) const {
    Wide at = reinterpret_cast<intptr_t>(base_) + static_cast<Wide>(s.offset);
    for (int32_t level = 0; level < s.levels; level++) {
      for (int32_t i = 0; i < s.ndim; i++)
        if (s.axis_level[i] == level) at += static_cast<Wide>(index[i]) * s.strides[i];
      if (level + 1 == s.levels) return at;
      uint64_t word;
      if (!read_word(at - reinterpret_cast<intptr_t>(base_), &word) || word == 0)
        return 0;
      at = static_cast<Wide>(
          static_cast<int64_t>(word + static_cast<uint64_t>(s.post[level])));
    }
    return at;
  }

  // Lies every element behind its pointers, and each piece in one block?
  bool is_good(const Shaped& s) const {
    bool good = true;
    // Also without elements: JavaScript could not say others.
    constexpr int64_t kMaxSafe = (int64_t{1} << 53) - 1;
    for (int32_t i = 0; i + 1 < s.levels; i++)
      good = good && s.post[i] <= kMaxSafe && s.post[i] >= -kMaxSafe;
    s.each([&](const int64_t* index) { good = good && piece_is_good(s, index); });
    if (s.elements() > 0) return good;
    return good && s.offset >= 0 && s.offset <= static_cast<int64_t>(entries.size()) * 8;
  }

  std::vector<std::vector<char>>& bytes() { return bytes_; }

 private:
  static nbuf::core::Provider* provide(std::vector<char>& block) {
    using namespace nbuf::core;
    Memory* memory;
    LayoutSpec spec;
    const auto size = static_cast<int64_t>(block.size());
    spec.ndim = 1;
    spec.shape = &size;
    CHECK(make_adopted_memory(block.data(), size, 0, nullptr, nullptr, &memory,
                              nullptr) == NBUF_OK);
    const nbuf_request request = request_of(NBUF_FULL_RO | NBUF_LAYOUT_SNAPSHOT);
    Provider* made;
    CHECK(provide_memory(memory, spec, 0, &request, nullptr, &made, nullptr) == NBUF_OK);
    return made;
  }

  void choose_axes() {
    layout.ndim = static_cast<int32_t>(random_.between(0, 4));
    layout.levels = static_cast<int32_t>(random_.pick({2, 2, 2, 3, 3, 4}));
    layout.itemsize = random_.pick({1, 2, 3, 8});
    const bool in_order = random_.chance(40);
    int32_t level = 0;
    for (int32_t i = 0; i < layout.ndim; i++) {
      if (in_order && level + 1 < layout.levels && random_.chance(60)) level++;
      layout.axis_level[i] =
          in_order ? level : static_cast<int32_t>(random_.between(0, layout.levels - 1));
      layout.shape[i] = random_.pick({1, 2, 2, 3});
      const bool is_last = layout.axis_level[i] + 1 == layout.levels;
      layout.strides[i] =
          random_.between(-3, 3) * (is_last ? layout.itemsize : int64_t{8});
      if (is_last && random_.chance(20)) layout.strides[i]++;
    }
    for (int32_t i = 0; i + 1 < layout.levels; i++)
      layout.post[i] = random_.pick({0, 0, 0, 8, -8, 13, -1000, 5000000000});
  }

  void reach(int32_t level, int64_t* low, int64_t* high) const {
    *low = 0;
    *high = level + 1 < layout.levels ? 8 : layout.itemsize;
    for (int32_t i = 0; i < layout.ndim; i++) {
      const int64_t span = layout.strides[i] * (layout.shape[i] - 1);
      if (layout.axis_level[i] == level) (span < 0 ? *low : *high) += span;
    }
  }

  // A new table for this level; returns the byte where the level starts in it.
  int64_t lay_out(int32_t level) {
    int64_t low, high;
    reach(level, &low, &high);
    const auto first = static_cast<int64_t>(entries.size()) + random_.between(0, 2);
    const int64_t count = (high - low) / 8;
    entries.resize(static_cast<size_t>(first + count), {nbuf::core::kNullPointer, 0});
    tables.push_back({first, count});
    const int64_t start = first * 8 - low;
    Shaped axes = layout;  // those of this level alone
    for (int32_t i = 0; i < axes.ndim; i++)
      if (axes.axis_level[i] != level) axes.shape[i] = 1;
    axes.each([&](const int64_t* index) {
      int64_t at = start;
      for (int32_t i = 0; i < axes.ndim; i++) at += index[i] * axes.strides[i];
      const auto k = static_cast<size_t>(at / 8);
      if (entries[k].part != nbuf::core::kNullPointer) return;  // met before
      const bool shares = level + 2 < layout.levels && random_.chance(30) && known_ > 0;
      if (level + 2 < layout.levels) {
        const int64_t next =
            shares && known_level_ == level ? known_ : lay_out(level + 1);
        known_ = next;
        known_level_ = level;
        entries[k] = {nbuf::core::kThisTable, next - layout.post[level]};
      } else {
        entries[k] = choose_elements(level);
      }
    });
    return start;
  }

  nbuf::core::TableEntry choose_elements(int32_t level) {
    int64_t low, high;
    reach(level + 1, &low, &high);
    const auto block =
        static_cast<size_t>(random_.between(0, static_cast<int64_t>(bytes_.size()) - 1));
    const auto room = static_cast<int64_t>(bytes_[block].size()) - (high - low);
    CHECK(room >= 0);
    const int64_t start = random_.between(0, room) - low;
    return {static_cast<int32_t>(block), start - layout.post[level]};
  }

  bool read_word(Wide at, uint64_t* word) const {
    if (at < 0 || at + 8 > static_cast<Wide>(entries.size()) * 8) return false;
    unsigned char raw[16] = {};
    const auto first = static_cast<size_t>(at / 8);
    for (size_t k = 0; k < 2 && first + k < entries.size(); k++) {
      const nbuf::core::TableEntry& entry = entries[first + k];
      uint64_t value = 0;
      if (entry.part == nbuf::core::kThisTable)
        value = reinterpret_cast<uint64_t>(base_) + static_cast<uint64_t>(entry.offset);
      else if (entry.part >= 0)
        value =
            reinterpret_cast<uint64_t>(bytes_[static_cast<size_t>(entry.part)].data()) +
            static_cast<uint64_t>(entry.offset);
      std::memcpy(raw + 8 * k, &value, 8);
    }
    std::memcpy(word, raw + static_cast<size_t>(at % 8), 8);
    return true;
  }

  bool piece_is_good(const Shaped& s, const int64_t* index) const {
    Shaped piece = s;
    int64_t own[NBUF_MAX_NDIM];
    for (int32_t i = 0; i < s.ndim; i++)
      if (s.axis_level[i] + 1 < s.levels) piece.shape[i] = 1;
    for (const auto& block : bytes_) {
      const auto base = static_cast<Wide>(reinterpret_cast<intptr_t>(block.data()));
      bool holds = true;
      piece.each([&](const int64_t* inner) {
        for (int32_t i = 0; i < s.ndim; i++)
          own[i] = s.axis_level[i] + 1 < s.levels ? index[i] : inner[i];
        const Wide at = address(s, own);
        holds = holds && at != 0 && at >= base &&
                at + s.itemsize <= base + static_cast<Wide>(block.size());
      });
      if (holds) return true;
    }
    return false;
  }

  Random& random_;
  std::vector<std::vector<char>> bytes_;
  const void* base_ = nullptr;
  int64_t known_ = 0;
  int32_t known_level_ = -1;
};

#endif  // NBUF_TEST_LEVELS_WORLD_H
