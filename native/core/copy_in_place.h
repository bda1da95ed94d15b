// Copies between direct sides that share memory, without a temporary on the heap. Both
// return false, having done nothing, when the copy is not of their kind. The elements of
// dst are nested.
#ifndef NBUF_CORE_COPY_IN_PLACE_H
#define NBUF_CORE_COPY_IN_PLACE_H

#include "copy_pair.h"

namespace nbuf::core {

// Equal strides, other first elements: a[1:] = a[:-1].
bool copy_shifted(const CopyPair& pair);

// The same elements with axes reversed, or swapped in pairs: a[:] = a[::-1], the
// transpose of a square.
bool copy_exchanged(const CopyPair& pair);

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_IN_PLACE_H
