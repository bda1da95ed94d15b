// A peer's provider as the copy engine takes it: checked, complete, suboffsets as levels.
#ifndef NBUF_CORE_SURFACE_H
#define NBUF_CORE_SURFACE_H

#include "copy.h"

namespace nbuf::core {

struct Surface {
  int32_t ndim;
  int64_t itemsize;
  int64_t bytes;  // product(shape) * itemsize
  int64_t shape[NBUF_MAX_NDIM], strides[NBUF_MAX_NDIM];
  int32_t axis_level[NBUF_MAX_NDIM];
  int64_t post[NBUF_MAX_NDIM];
  Side side;  // points into this: never copied

  Surface() = default;
  Surface(const Surface&) = delete;

  // nbuf_validate, then everything that was not requested as PEP 3118 says.
  Status read(const nbuf_provider* provider, Error* error);

  // The same elements repeated to another surface's shape; OUT_OF_RANGE where they do not
  // fit.
  Status broadcast_to(const Surface& other, Error* error);
};

// May [base, base + size) be written while `provider` is read? A pointer table in it
// would change after it was checked.
Status check_no_table(const nbuf_provider& provider, const void* base, int64_t size,
                      Error* error);

// The same for all blocks of elements of `writes`.
Status check_no_table(const nbuf_provider& provider, const nbuf_provider& writes,
                      Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_SURFACE_H
