#include "copy_in_place.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "copy_plan.h"
#include "overlap.h"

namespace nbuf::core {
namespace {

// ---- shifts ----

// Both sides have the same strides, all positive after flips, the largest first.
struct Shift {
  int32_t ndim = 0;
  char* dst;
  int64_t delta;  // bytes from an element of src to that of dst
  int64_t shape[NBUF_MAX_NDIM], stride[NBUF_MAX_NDIM];
};

bool find_shift(const CopyPair& pair, Shift* shift) {
  if (!std::equal(pair.dst.stride, pair.dst.stride + pair.ndim, pair.src.stride))
    return false;
  shift->dst = pair.dst.first;
  shift->delta = static_cast<int64_t>(reinterpret_cast<uintptr_t>(pair.dst.first) -
                                      reinterpret_cast<uintptr_t>(pair.src.first));
  int32_t order[NBUF_MAX_NDIM];
  sort_axes(pair.ndim, pair.dst.stride, order);
  for (int32_t k = pair.ndim; k-- > 0;) {
    const int64_t extent = pair.shape[order[k]], stride = pair.dst.stride[order[k]];
    shift->shape[shift->ndim] = extent;
    shift->stride[shift->ndim++] = std::abs(stride);
    if (stride < 0) shift->dst += (extent - 1) * stride;
  }
  return true;
}

// Elements are in the order of their addresses; each is read before one is written over
// it when the walk goes against the shift. The inner axes whose elements all lie within
// the shift's distance are a plan: there the sides are disjoint.
void run_shift(const CopyPair& pair, const Shift& shift) {
  int32_t outer = shift.ndim;
  int64_t spread = pair.itemsize, run = pair.itemsize;
  while (outer > 0 && shift.stride[outer - 1] == run) run *= shift.shape[--outer];
  spread = run;
  const int32_t packed = outer;
  while (outer > 0) {
    const int64_t more = (shift.shape[outer - 1] - 1) * shift.stride[outer - 1];
    if (more > std::abs(shift.delta) - spread) break;
    spread += more;
    outer--;
  }
  const bool is_move = outer == packed;  // else the sides of the plan are disjoint
  Plan plan;
  if (is_move)
    make_plan(0, nullptr, run, pair.swap, nullptr, nullptr, &plan);
  else
    make_plan(shift.ndim - outer, shift.shape + outer, pair.itemsize, pair.swap,
              shift.stride + outer, shift.stride + outer, &plan);
  const bool is_up = shift.delta < 0;
  int64_t index[NBUF_MAX_NDIM] = {0};
  char* at = shift.dst;
  for (int32_t i = 0; i < outer && !is_up; i++)
    at += (shift.shape[i] - 1) * shift.stride[i];
  for (;;) {
    if (is_move) {
      std::memmove(at, at - shift.delta, static_cast<size_t>(run));
      if (pair.swap != 0) run_plan(plan, at, at);
    } else {
      run_plan(plan, at, at - shift.delta);
    }
    int32_t i = outer;
    for (; i-- > 0;) {
      const int64_t step = is_up ? shift.stride[i] : -shift.stride[i];
      at += step;
      if (++index[i] < shift.shape[i]) break;
      at -= step * shift.shape[i];
      index[i] = 0;
    }
    if (i < 0) return;
  }
}

// ---- exchanges ----

constexpr int64_t kTile = 32;  // elements along each of two swapped axes

// dst and src are the same elements, and what moves to a place is exchanged with it.
struct Exchange {
  int32_t ndim = 0;
  int64_t run;  // bytes
  int64_t shape[NBUF_MAX_NDIM], dst[NBUF_MAX_NDIM], src[NBUF_MAX_NDIM];
  bool is_tiled[NBUF_MAX_NDIM];
};

// The axis of dst along which src moves on axis i; -1: none.
int32_t partner_of(const CopyPair& pair, int32_t i) {
  for (int32_t k = 0; k < pair.ndim; k++)
    if (std::abs(pair.dst.stride[k]) == std::abs(pair.src.stride[i])) return k;
  return -1;
}

// Nested strides differ in magnitude, so that every partner is the only one.
bool find_exchange(const CopyPair& pair, Exchange* found) {
  int64_t offset = 0;  // of src's first element from dst's
  found->run = pair.itemsize;
  for (int32_t i = pair.ndim; i-- > 0;) {
    const int32_t k = partner_of(pair, i);
    if (k < 0 || partner_of(pair, k) != i || pair.shape[k] != pair.shape[i]) return false;
    const bool is_flipped = pair.src.stride[i] != pair.dst.stride[k];
    if (is_flipped != (pair.src.stride[k] != pair.dst.stride[i])) return false;
    if (is_flipped) offset += (pair.shape[i] - 1) * pair.dst.stride[k];
    if (k == i && !is_flipped && pair.dst.stride[i] == found->run && found->ndim == 0) {
      found->run *= pair.shape[i];
      continue;
    }
    found->shape[found->ndim] = pair.shape[i];
    found->dst[found->ndim] = pair.dst.stride[i];
    found->src[found->ndim] = pair.src.stride[i];
    found->is_tiled[found->ndim++] = k != i;
  }
  return pair.src.first - pair.dst.first == offset;
}

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

// One tile. Every place is the dst of one index and the src of its partner's: the lower
// address of the two does the work, once.
void exchange_tile(const Exchange& e, const int64_t* extent, char* dst, char* src,
                   const Plan& reversal) {
  int64_t index[NBUF_MAX_NDIM] = {0};
  for (;;) {
    if (dst < src) exchange_bytes(dst, src, e.run);
    if (dst <= src && reversal.grid.swap != 0) run_plan(reversal, dst, dst);
    if (dst < src && reversal.grid.swap != 0) run_plan(reversal, src, src);
    int32_t i = 0;
    for (; i < e.ndim; i++) {
      dst += e.dst[i];
      src += e.src[i];
      if (++index[i] < extent[i]) break;
      dst -= e.dst[i] * extent[i];
      src -= e.src[i] * extent[i];
      index[i] = 0;
    }
    if (i == e.ndim) return;
  }
}

void run_exchange(const CopyPair& pair, const Exchange& e) {
  Plan reversal;
  make_plan(0, nullptr, e.run, pair.swap, nullptr, nullptr, &reversal);
  int64_t start[NBUF_MAX_NDIM] = {0}, extent[NBUF_MAX_NDIM];
  for (;;) {
    int64_t dst = 0, src = 0;
    for (int32_t i = 0; i < e.ndim; i++) {
      extent[i] = e.is_tiled[i] ? std::min(kTile, e.shape[i] - start[i]) : e.shape[i];
      dst += start[i] * e.dst[i];
      src += start[i] * e.src[i];
    }
    exchange_tile(e, extent, pair.dst.first + dst, pair.src.first + src, reversal);
    int32_t i = 0;
    for (; i < e.ndim; i++) {
      start[i] += extent[i];
      if (start[i] < e.shape[i]) break;
      start[i] = 0;
    }
    if (i == e.ndim) return;
  }
}

}  // namespace

bool copy_in_place(const CopyPair& pair) {
  Shift shift;
  if (find_shift(pair, &shift)) return run_shift(pair, shift), true;
  Exchange exchange;
  if (!find_exchange(pair, &exchange)) return false;
  run_exchange(pair, exchange);
  return true;
}

}  // namespace nbuf::core
