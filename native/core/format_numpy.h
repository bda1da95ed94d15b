// NumPy's spelling of records.
#ifndef NBUF_CORE_FORMAT_NUMPY_H
#define NBUF_CORE_FORMAT_NUMPY_H

#include "format.h"

namespace nbuf::core {

// no: NumPy does not write this. open: the stride of a sub-array of records is a guess.
enum class NumpyFit { no, open, sure };

// Places the items as NumPy means them; the tree was laid out before (counts and sizes).
NumpyFit lay_out_as_numpy(FormatTree* tree, int64_t itemsize);

}  // namespace nbuf::core

#endif  // NBUF_CORE_FORMAT_NUMPY_H
