// The kernels without vectors: what every machine can run, and the ends of the others.
#include <algorithm>
#include <cstring>

#include "kernels.h"

namespace nbuf::core {
namespace {

template <typename Move>
void each_item(const Grid& grid, char* dst, const char* src, Move move) {
  const PlanAxis inner = grid.inner;
  for (int64_t j = 0; j < grid.across.extent; j++) {
    char* to = dst + j * grid.across.dst;
    const char* from = src + j * grid.across.src;
    for (int64_t i = 0; i < inner.extent; i++)
      move(to + i * inner.dst, from + i * inner.src);
  }
}

struct Bytes16 {
  uint64_t low, high;
};

uint16_t swapped(uint16_t x) { return static_cast<uint16_t>(x >> 8 | x << 8); }
uint32_t swapped(uint32_t x) {
  return static_cast<uint32_t>(swapped(static_cast<uint16_t>(x))) << 16 |
         swapped(static_cast<uint16_t>(x >> 16));
}
uint64_t swapped(uint64_t x) {
  return static_cast<uint64_t>(swapped(static_cast<uint32_t>(x))) << 32 |
         swapped(static_cast<uint32_t>(x >> 32));
}
Bytes16 swapped(Bytes16 x) { return {swapped(x.high), swapped(x.low)}; }

template <typename Item>
Item load(const char* p) {
  Item item;  // memcpy: any alignment
  std::memcpy(&item, p, sizeof item);
  return item;
}

template <typename Item>
void store(char* p, Item item) {
  std::memcpy(p, &item, sizeof item);
}

// Four at a time: the loop is not to cost more than the stores.
template <typename Item>
void copy_items(const Grid& grid, char* dst, const char* src) {
  const PlanAxis inner = grid.inner;
  for (int64_t j = 0; j < grid.across.extent; j++) {
    char* to = dst + j * grid.across.dst;
    const char* from = src + j * grid.across.src;
    int64_t i = 0;
    for (; i + 4 <= inner.extent; i += 4) {
      const Item a = load<Item>(from + i * inner.src);
      const Item b = load<Item>(from + (i + 1) * inner.src);
      const Item c = load<Item>(from + (i + 2) * inner.src);
      const Item d = load<Item>(from + (i + 3) * inner.src);
      store(to + i * inner.dst, a);
      store(to + (i + 1) * inner.dst, b);
      store(to + (i + 2) * inner.dst, c);
      store(to + (i + 3) * inner.dst, d);
    }
    for (; i < inner.extent; i++)
      store(to + i * inner.dst, load<Item>(from + i * inner.src));
  }
}

template <typename Item>
void swap_items(const Grid& grid, char* dst, const char* src) {
  each_item(grid, dst, src,
            [](char* to, const char* from) { store(to, swapped(load<Item>(from))); });
}

// Items between one and two Parts long, by two Parts that overlap.
template <typename Part>
void copy_pairs(const Grid& grid, char* dst, const char* src) {
  const int64_t rest = grid.item - static_cast<int64_t>(sizeof(Part));
  each_item(grid, dst, src, [rest](char* to, const char* from) {
    const Part head = load<Part>(from), tail = load<Part>(from + rest);
    store(to, head);
    store(to + rest, tail);
  });
}

struct Bytes32 {
  Bytes16 low, high;
};

// Items too short for memcpy to pay.
void copy_runs(const Grid& grid, char* dst, const char* src) {
  const int64_t rest = grid.item - 32;
  each_item(grid, dst, src, [rest](char* to, const char* from) {
    for (int64_t k = 0; k < rest; k += 32) store(to + k, load<Bytes32>(from + k));
    store(to + rest, load<Bytes32>(from + rest));
  });
}

// Both bytes of a pair are read before either is written: the sides may be the same.
void reverse_items(const Grid& grid, char* dst, const char* src) {
  const int64_t last = grid.item - 1;
  each_item(grid, dst, src, [last](char* to, const char* from) {
    for (int64_t k = 0; k <= last - k; k++) {
      const char low = from[k], high = from[last - k];
      to[k] = high;
      to[last - k] = low;
    }
  });
}

void swap_grid(const Grid& grid, char* dst, const char* src) {
  switch (grid.item) {
    case 2:
      return swap_items<uint16_t>(grid, dst, src);
    case 4:
      return swap_items<uint32_t>(grid, dst, src);
    case 8:
      return swap_items<uint64_t>(grid, dst, src);
    case 16:
      return swap_items<Bytes16>(grid, dst, src);
    default:
      return reverse_items(grid, dst, src);
  }
}

}  // namespace

void copy_grid(const Grid& grid, char* dst, const char* src) {
  if (grid.swap != 0) return swap_grid(grid, dst, src);
  const int64_t item = grid.item;
  if (item == 1) return copy_items<uint8_t>(grid, dst, src);
  if (item == 2) return copy_items<uint16_t>(grid, dst, src);
  if (item == 3) return copy_pairs<uint16_t>(grid, dst, src);
  if (item == 4) return copy_items<uint32_t>(grid, dst, src);
  if (item == 8) return copy_items<uint64_t>(grid, dst, src);
  if (item == 16) return copy_items<Bytes16>(grid, dst, src);
  if (item < 8) return copy_pairs<uint32_t>(grid, dst, src);
  if (item < 16) return copy_pairs<uint64_t>(grid, dst, src);
  if (item <= 32) return copy_pairs<Bytes16>(grid, dst, src);
  if (item <= 256) return copy_runs(grid, dst, src);
  each_item(grid, dst, src, [item](char* to, const char* from) {
    std::memcpy(to, from, static_cast<size_t>(item));
  });
}

void plain_rows(const Plan& plan, char* dst, const char* src) {
  copy_grid(plan.grid, dst, src);
}

namespace {

// The part of an axis from `first` on, at most `most` long.
PlanAxis part_of(const PlanAxis& axis, int64_t first, int64_t most) {
  return {std::min(most, axis.extent - first), axis.dst, axis.src};
}

void copy_part(const Grid& grid, int64_t inner, int64_t inner_count, int64_t across,
               int64_t across_count, char* dst, const char* src) {
  Grid part = {grid.item, grid.swap, part_of(grid.inner, inner, inner_count),
               part_of(grid.across, across, across_count)};
  if (part.inner.extent <= 0 || part.across.extent <= 0) return;
  dst += inner * grid.inner.dst + across * grid.across.dst;
  src += inner * grid.inner.src + across * grid.across.src;
  if (part.inner.extent < 8 && part.across.extent > part.inner.extent)
    std::swap(part.inner, part.across);
  copy_grid(part, dst, src);
}

}  // namespace

void plain_blocks(const Plan& plan, char* dst, const char* src) {
  const Grid& grid = plan.grid;
  const int64_t block = grid.item <= 2 ? 64 : grid.item <= 16 ? 32 : 16;
  const int64_t inner = grid.inner.extent < 8 ? 8 : block;
  const int64_t across = grid.inner.extent < 8 ? 8 * block : block;
  for (int64_t j = 0; j < grid.across.extent; j += across)
    for (int64_t i = 0; i < grid.inner.extent; i += inner)
      copy_part(grid, i, inner, j, across, dst, src);
}

void transpose_ends(const Plan& plan, int64_t inner, int64_t across, char* dst,
                    const char* src) {
  const Grid& grid = plan.grid;
  copy_part(grid, inner, grid.inner.extent, 0, across, dst, src);
  copy_part(grid, 0, grid.inner.extent, across, grid.across.extent, dst, src);
}

void shuffle_ends(const Plan& plan, char* dst, const char* src) {
  const Grid& grid = plan.grid;
  const Shuffle& shuffle = plan.shuffle;
  const int64_t head = shuffle.first * shuffle.group;
  const int64_t tail = head + shuffle.count * shuffle.group;
  const int64_t all = INT64_MAX;
  if (shuffle.along_across) {
    copy_part(grid, 0, all, 0, head, dst, src);
    copy_part(grid, 0, all, tail, all, dst, src);
  } else {
    copy_part(grid, 0, head, 0, all, dst, src);
    copy_part(grid, tail, all, 0, all, dst, src);
  }
}

namespace {

// Longer rows are written piece by piece from one pattern: caches do not hold a block.
constexpr int64_t kLongRow = 1 << 20, kFillBlock = 1024;

// A growing block of whole items at the start of the row is repeated.
void fill_row(const Grid& grid, char* dst, const char* src) {
  const int64_t item = grid.item, bytes = grid.inner.extent * item;
  Grid first = grid;
  first.across = {1, 0, 0};
  first.inner.extent = std::min(grid.inner.extent, item <= 16 ? 16 / item : 1);
  copy_grid(first, dst, src);
  int64_t done = first.inner.extent * item;
  if (bytes >= kLongRow && done == 16) {
    copy_items<Bytes16>({16, 0, {bytes / 16 - 1, 16, 0}, {1, 0, 0}}, dst + 16, dst);
    done = bytes / 16 * 16;
  }
  for (int64_t block = done; done < bytes;) {
    const int64_t part = std::min(block, bytes - done);
    std::memcpy(dst + done, dst, static_cast<size_t>(part));
    done += part;
    if (block < kFillBlock) block = done;
  }
}

}  // namespace

void fill_rows(const Plan& plan, char* dst, const char* src) {
  const Grid& grid = plan.grid;
  for (int64_t j = 0; j < grid.across.extent; j++) {
    char* to = dst + j * grid.across.dst;
    const char* from = src + j * grid.across.src;
    if (grid.item == 1)
      std::memset(to, *from, static_cast<size_t>(grid.inner.extent));
    else
      fill_row(grid, to, from);
  }
}

}  // namespace nbuf::core
