// In place: src is dst with axes reversed or swapped in pairs, so that what moves to a
// place is exchanged with what was there.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "copy_in_place.h"
#include "copy_plan.h"
#include "overlap.h"

namespace nbuf::core {
namespace {

constexpr int64_t kPatch = 16384;  // bytes on the stack

struct Exchange {
  int32_t ndim = 0;  // the innermost axis first
  int64_t run;       // bytes
  int32_t swap;
  int64_t shape[NBUF_MAX_NDIM], dst[NBUF_MAX_NDIM], src[NBUF_MAX_NDIM];
  int32_t moved_count = 0;          // axes that are reversed or swapped
  int32_t first = -1, second = -1;  // the last two of them
};

// The axis of dst along which src moves on axis i; -1: none.
int32_t partner_of(const CopyPair& pair, int32_t i) {
  for (int32_t k = 0; k < pair.ndim; k++)
    if (std::abs(pair.dst.stride[k]) == std::abs(pair.src.stride[i])) return k;
  return -1;
}

// Joins an axis to the one before where both sides allow it.
void add_axis(Exchange* e, int64_t extent, int64_t dst, int64_t src, bool is_moved) {
  const int32_t last = e->ndim - 1;
  if (last < 0 && !is_moved && dst == e->run) {
    e->run *= extent;
  } else if (last >= 0 && is_moved == (e->first == last) &&
             dst == e->dst[last] * e->shape[last] &&
             src == e->src[last] * e->shape[last]) {
    e->shape[last] *= extent;
  } else {
    e->shape[e->ndim] = extent;
    e->dst[e->ndim] = dst;
    e->src[e->ndim++] = src;
    if (!is_moved) return;
    e->moved_count++;
    e->second = e->first;
    e->first = e->ndim - 1;
  }
}

// Nested strides differ in magnitude, so that every partner is the only one.
bool find_exchange(const CopyPair& pair, Exchange* found) {
  int64_t offset = 0;  // of src's first element from dst's
  found->run = pair.itemsize;
  found->swap = pair.swap;
  for (int32_t i = pair.ndim; i-- > 0;) {
    const int32_t k = partner_of(pair, i);
    if (k < 0 || partner_of(pair, k) != i || pair.shape[k] != pair.shape[i]) return false;
    const bool is_flipped = pair.src.stride[i] != pair.dst.stride[k];
    if (is_flipped != (pair.src.stride[k] != pair.dst.stride[i])) return false;
    if (is_flipped) offset += (pair.shape[i] - 1) * pair.dst.stride[k];
    add_axis(found, pair.shape[i], pair.dst.stride[i], pair.src.stride[i],
             is_flipped || k != i);
  }
  return pair.src.first - pair.dst.first == offset;
}

// ---- any such pair: one element after the other ----

template <typename Word>
void exchange_words(char* a, char* b) {
  Word x, y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  std::memcpy(a, &y, sizeof y);
  std::memcpy(b, &x, sizeof x);
}

void exchange_bytes(char* a, char* b, int64_t run) {
  switch (run) {
    case 1:
      return exchange_words<uint8_t>(a, b);
    case 2:
      return exchange_words<uint16_t>(a, b);
    case 4:
      return exchange_words<uint32_t>(a, b);
    case 8:
      return exchange_words<uint64_t>(a, b);
    default:
      std::swap_ranges(a, a + run, b);
  }
}

// Every place is the dst of one index and the src of its partner's: the lower address of
// the two does the work, once.
void exchange_elements(const Exchange& e, char* dst, char* src) {
  Plan reversal;
  make_plan(0, nullptr, e.run, e.swap, nullptr, nullptr, &reversal);
  int64_t index[NBUF_MAX_NDIM] = {0};
  for (;;) {
    if (dst < src) exchange_bytes(dst, src, e.run);
    if (dst <= src && e.swap != 0) run_plan(reversal, dst, dst);
    if (dst < src && e.swap != 0) run_plan(reversal, src, src);
    int32_t i = 0;
    for (; i < e.ndim; i++) {
      dst += e.dst[i];
      src += e.src[i];
      if (++index[i] < e.shape[i]) break;
      dst -= e.dst[i] * e.shape[i];
      src -= e.src[i] * e.shape[i];
      index[i] = 0;
    }
    if (i == e.ndim) return;
  }
}

// ---- patches: some thousand elements at once, through the stack ----

struct Patch {
  int64_t extent[2];
  char* at[2];  // the first places of both sides
  int64_t stride[2][2];
};

void copy_patch(const Exchange& e, const Patch& patch, int32_t swap, char* dst,
                const int64_t* dst_strides, char* src, const int64_t* src_strides) {
  Plan plan;
  make_plan(2, patch.extent, e.run, swap, dst_strides, src_strides, &plan);
  run_plan(plan, dst, src);
}

// Both sides lie apart, or in the same places.
void exchange_patch(const Exchange& e, const Patch& patch) {
  char packed[kPatch];
  const int64_t strides[2] = {patch.extent[1] * e.run, e.run};
  char *a = patch.at[0], *b = patch.at[1];
  copy_patch(e, patch, e.swap, packed, strides, b, patch.stride[1]);
  const bool is_one = a == b;
  if (!is_one) copy_patch(e, patch, e.swap, b, patch.stride[1], a, patch.stride[0]);
  copy_patch(e, patch, 0, a, patch.stride[0], packed, strides);
}

// A square transposed, and nothing else moved: tiles below the diagonal with those above.
void exchange_square(const Exchange& e, char* first) {
  int64_t tile = 1;
  while (4 * tile * tile * e.run <= kPatch) tile *= 2;
  const int64_t size = e.shape[e.first], steps[2] = {e.dst[e.first], e.dst[e.second]};
  for (int64_t i = 0; i < size; i += tile)
    for (int64_t k = 0; k <= i; k += tile) {
      const Patch patch = {
          {std::min(tile, size - i), std::min(tile, size - k)},
          {first + i * steps[0] + k * steps[1], first + k * steps[0] + i * steps[1]},
          {{steps[0], steps[1]}, {steps[1], steps[0]}}};
      exchange_patch(e, patch);
    }
}

// One axis reversed: pieces from the front with those from the back.
void exchange_line(const Exchange& e, char* first) {
  const int64_t step = e.dst[e.first], half = e.shape[e.first] / 2;
  char* last = first + (e.shape[e.first] - 1) * step;
  const int64_t most = kPatch / e.run;
  for (int64_t i = 0; i < half; i += most)
    exchange_patch(e, {{1, std::min(most, half - i)},
                       {first + i * step, last - i * step},
                       {{0, step}, {0, -step}}});
  char* middle = first + half * step;
  if (e.shape[e.first] % 2 != 0 && e.swap != 0)
    exchange_patch(e, {{1, 1}, {middle, middle}, {{0, 0}, {0, 0}}});
}

// The patches for every index of the axes that are not moved.
void exchange_patches(const Exchange& e, char* first) {
  int64_t index[NBUF_MAX_NDIM] = {0};
  for (;;) {
    if (e.moved_count == 2)
      exchange_square(e, first);
    else
      exchange_line(e, first);
    int32_t i = 0;
    for (; i < e.ndim; i++) {
      if (i == e.first || i == e.second) continue;
      first += e.dst[i];
      if (++index[i] < e.shape[i]) break;
      first -= e.dst[i] * e.shape[i];
      index[i] = 0;
    }
    if (i == e.ndim) return;
  }
}

// Enough elements along the moved axes, and small enough, for patches.
bool has_patches(const Exchange& e) {
  if (e.run * 16 > kPatch) return false;
  if (e.moved_count == 1) return e.shape[e.first] >= 64;
  return e.moved_count == 2 && e.shape[e.first] >= 16 &&
         e.src[e.first] == e.dst[e.second];
}

}  // namespace

bool copy_exchanged(const CopyPair& pair) {
  Exchange exchange;
  if (!find_exchange(pair, &exchange)) return false;
  if (has_patches(exchange))
    exchange_patches(exchange, pair.dst.first);
  else
    exchange_elements(exchange, pair.dst.first, pair.src.first);
  return true;
}

}  // namespace nbuf::core
