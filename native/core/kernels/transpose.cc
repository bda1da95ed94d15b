// Transposes: in which order tiles are done, by the caches.
#include <algorithm>
#include <cstring>

#include "axes.h"
#include "kernels.h"

namespace nbuf::core {
namespace {

constexpr int64_t kLine = 64;  // bytes of a cache line
constexpr int64_t kRows = 64;  // of dst that are filled together

// The extents that tiles do: items of 3 bytes spill over into the next two.
int64_t spill(const Grid& grid) { return grid.item == 3 ? 2 : 0; }

// Do a line's items of rows of this stride share so few sets of a first-level cache that
// they drive each other out?
bool crowded(int64_t stride, int64_t block) { return stride % (32768 / block) == 0; }

struct Work {
  const Plan& plan;
  int64_t item, inner, across, to, from;
  int64_t block;  // items in a line

  explicit Work(const Plan& of)
      : plan(of),
        item(of.grid.item),
        inner(of.grid.inner.extent - spill(of.grid)),
        across(of.grid.across.extent - spill(of.grid)),
        to(of.grid.across.dst),
        from(of.grid.inner.src),
        block(kLine / of.grid.item) {}

  void tiles(int64_t m, int64_t n, char* dst, int64_t pitch, const char* src) const {
    plan.transpose.tiles(plan, m, n, dst, pitch, src);
  }

  bool is_buffered() const {
    return item != 3 && inner >= block && across >= block &&
           (crowded(to, block) || crowded(from, block));
  }

  // Every line is read and written once: those of some rows of dst are filled together.
  // Within a row of dst tiles go up, so that what an earlier one spilled is overwritten.
  void direct(char* dst, const char* src) const {
    const int64_t n = std::min(across, kRows);
    for (int64_t j1 = 0; j1 < across; j1 += n) {
      const int64_t j = std::min(j1, across - n);
      tiles(inner, n, dst + j * to, to, src + j * item);
    }
  }

  // Where the strides let only a few lines of a side stay in a cache: blocks of one line
  // both ways, through a buffer.
  void buffered(char* dst, const char* src) const {
    alignas(kLine) char buffer[kLine * kLine];
    for (int64_t j1 = 0; j1 < across; j1 += block)
      for (int64_t i1 = 0; i1 < inner; i1 += block) {
        const int64_t i = std::min(i1, inner - block), j = std::min(j1, across - block);
        tiles(block, block, buffer, kLine, src + i * from + j * item);
        for (int64_t k = 0; k < block; k++)
          std::memcpy(dst + i * item + (j + k) * to, buffer + k * kLine, kLine);
      }
  }

  bool may_stream(const char* dst) const {
    return item != 3 && inner >= 16 * block && across >= block && to % item == 0 &&
           reinterpret_cast<uintptr_t>(dst) % static_cast<uintptr_t>(item) == 0;
  }

  // Past the caches: whole lines, aligned; up to a line more is made than a row needs.
  // Leaves out up to a line at the start of each row, and what follows the returned item.
  int64_t stream(char* dst, const char* src) const {
    alignas(kLine) char buffer[kLine * kStreamPitch];
    int64_t i = 0;
    for (; i + (kStreamLines + 1) * block <= inner; i += kStreamLines * block)
      for (int64_t j1 = 0; j1 < across; j1 += block) {
        const int64_t j = std::min(j1, across - block);
        tiles((kStreamLines + 1) * block, block, buffer, kStreamPitch,
              src + i * from + j * item);
        plan.transpose.stream(block, dst + i * item + j * to, to, buffer);
      }
    return i;
  }
};

void transpose(const Plan& plan, char* dst, const char* src) {
  Work work(plan);
  if (plan.stream && work.may_stream(dst)) {
    const int64_t all = work.inner, done = work.stream(dst, src);
    work.inner = work.block;
    work.direct(dst, src);
    work.inner = std::max(all - done, work.block);  // there are 16 blocks and more
    const int64_t last = all - work.inner;
    work.direct(dst + last * work.item, src + last * work.from);
  } else if (work.is_buffered()) {
    work.buffered(dst, src);
  } else {
    work.direct(dst, src);
  }
  if (spill(plan.grid) > 0) transpose_ends(plan, work.inner, work.across, dst, src);
}

// Which bytes a vector takes after it was read and before it is written, where that is
// another order.
void fill_masks(const Grid& grid, Transpose* transpose) {
  if (grid.item != 3 && grid.swap == 0) return;
  const int64_t item = grid.item, wide = item == 3 ? 4 : item;
  std::memset(transpose->mask_in, 0x80, 16);
  std::memset(transpose->mask_out, 0x80, 16);
  for (int64_t p = 0; p < 16 / wide; p++)
    for (int64_t q = 0; q < item; q++) {
      const int64_t from = p * item + (grid.swap != 0 ? item - 1 - q : q);
      transpose->mask_in[p * wide + q] = static_cast<uint8_t>(from);
      transpose->mask_out[p * item + q] = static_cast<uint8_t>(p * wide + q);
    }
}

}  // namespace

bool plan_transpose(Plan* plan) {
  const Grid& grid = plan->grid;
  const int64_t item = grid.item;
  // Items of 16 bytes gain only from streaming.
  if (item > (plan->stream ? 16 : 8) || grid.inner.dst != item) return false;
  if (grid.across.src != item && grid.across.src != -item) return false;
  const int64_t tile = item == 3 ? 6 : 16 / item;  // of 3 bytes: 4, and the spill
  if (grid.across.extent < tile || grid.inner.extent < tile) return false;
  const VectorKernels* kernels = &vector_kernels();
  if (grid.inner.extent < kernels->lanes * tile) kernels = kernels->one_lane;
  if (grid.swap != 0 && !kernels->swaps) return false;
  Transpose* found = &plan->transpose;
  found->tiles = kernels->tiles(item);
  found->stream = kernels->stream;
  if (found->tiles == nullptr) return false;
  fill_masks(grid, found);
  plan->kernel = transpose;
  return true;
}

}  // namespace nbuf::core
