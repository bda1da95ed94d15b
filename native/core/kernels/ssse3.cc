// SSSE3: bytes selected by bytes.
#include <algorithm>

#include "kernels.h"
#include "simd.h"

#if defined(NBUF_X86_VECTORS)
#define NBUF_SSSE3
#include <cstring>

NBUF_BEGIN_TARGET("ssse3")
#include "shuffle_impl.h"
#include "sse.h"
#include "transpose_impl.h"
NBUF_END_TARGET

namespace nbuf::core {
const VectorKernels kSsse3 = {
    transpose_of<Sse>, shuffle_of<Sse>, stream_rows, 1, true, &kSsse3};
}  // namespace nbuf::core
#endif
