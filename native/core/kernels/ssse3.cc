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
namespace {

// SSE2 does as well, but for these.
TileKernel tiles(int64_t item) {
  return item == 3 ? transpose_tiles<Sse, 3> : kSse2.tiles(item);
}

}  // namespace

const VectorKernels kSsse3 = {tiles, shuffle_of<Sse>, stream_lines<Sse>,
                              1,     false,           &kSsse3};
}  // namespace nbuf::core
#endif
