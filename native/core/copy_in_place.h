// Copies between direct sides that share memory, without a temporary.
#ifndef NBUF_CORE_COPY_IN_PLACE_H
#define NBUF_CORE_COPY_IN_PLACE_H

#include "copy_pair.h"

namespace nbuf::core {

// Does the copy and returns true when it is one of
// - a shift: equal strides, other first element (a[1:] = a[:-1]);
// - an exchange of elements: axes reversed, or swapped in pairs (a[:] = a[::-1], the
//   transpose of a square).
// Both sides are direct, and the elements of dst nested.
bool copy_in_place(const CopyPair& pair);

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_IN_PLACE_H
