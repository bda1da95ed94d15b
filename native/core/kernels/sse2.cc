// SSE2: every x86-64 has it.
#include <algorithm>

#include "kernels.h"
#include "simd.h"

#if defined(NBUF_X86_VECTORS)
#include "sse.h"
#include "transpose_impl.h"

namespace nbuf::core {
namespace {
Kernel no_shuffle(int32_t) { return nullptr; }
}  // namespace

const VectorKernels kSse2 = {tiles_of<Sse>, no_shuffle, stream_lines<Sse>, 1,
                             false,         &kSse2};
}  // namespace nbuf::core
#endif
