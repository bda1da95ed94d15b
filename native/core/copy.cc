#include "copy.h"

#include <cstring>

#include "copy_in_place.h"
#include "copy_pair.h"
#include "kernels/kernels.h"

namespace nbuf::core {
namespace {

bool is_packed(const CopyPair& pair, const CopySide& side) {
  int64_t step = pair.itemsize;
  for (int32_t i = pair.ndim; i-- > 0; step *= pair.shape[i])
    if (side.stride[i] != step) return false;
  return true;
}

// One run of bytes on both sides, which moves as one also where they overlap. Past the
// size that plans stream from on, they know better.
bool move_packed(const CopyPair& pair) {
  if (pair.swap != 0 || !pair.is_direct() || pair.bytes >= stream_bytes() ||
      !is_packed(pair, pair.dst) || !is_packed(pair, pair.src))
    return false;
  std::memmove(pair.dst.first, pair.src.first, static_cast<size_t>(pair.bytes));
  return true;
}

}  // namespace

Status copy_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side dst,
                     Side src, const CopyOptions& options, Error* error) {
  CopyPair pair;
  Status status = make_pair(ndim, shape, itemsize, options.swap, dst, src, &pair, error);
  if (status != NBUF_OK || pair.bytes == 0 || move_packed(pair)) return status;
  keep_last(&pair);
  const Relation relation = relate(pair);
  switch (relation.way) {
    case Way::nothing:
      return NBUF_OK;
    case Way::plain:
      copy_plain(pair, whole_box(pair));
      return NBUF_OK;
    case Way::in_order:
      copy_in_order(pair);
      return NBUF_OK;
    case Way::temporary:
      break;
  }
  if (relation.is_nested && pair.is_direct() &&
      (copy_shifted(pair) || copy_exchanged(pair)))
    return NBUF_OK;
  Detour detour;
  status = detour.prepare(pair, error);
  if (status != NBUF_OK) return status;
  copy_plain(detour.pack, whole_box(detour.pack));
  if (relation.is_nested)
    copy_plain(detour.unpack, whole_box(detour.unpack));
  else
    copy_in_order(detour.unpack);
  detour.finish();
  return NBUF_OK;
}

}  // namespace nbuf::core
