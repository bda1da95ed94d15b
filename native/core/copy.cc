#include "copy.h"

#include "copy_in_place.h"
#include "copy_pair.h"

namespace nbuf::core {

Status copy_elements(int32_t ndim, const int64_t* shape, int64_t itemsize, Side dst,
                     Side src, const CopyOptions& options, Error* error) {
  CopyPair pair;
  Status status = make_pair(ndim, shape, itemsize, options.swap, dst, src, &pair, error);
  if (status != NBUF_OK || pair.bytes == 0) return status;
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
