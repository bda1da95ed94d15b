// One cache line past the caches.
#ifndef NBUF_CORE_KERNELS_STREAM_H
#define NBUF_CORE_KERNELS_STREAM_H

#include <cstring>

#include "simd.h"

namespace nbuf::core {

// `dst` is aligned to 64 bytes.
NBUF_INLINE void stream_line(char* dst, const char* src) {
#if defined(NBUF_X86_VECTORS)
  for (int k = 0; k < 64; k += 16)
    _mm_stream_si128(reinterpret_cast<__m128i*>(dst + k),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(src + k)));
#else
  std::memcpy(dst, src, 64);
#endif
}

}  // namespace nbuf::core

#endif  // NBUF_CORE_KERNELS_STREAM_H
