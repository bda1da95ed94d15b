// AVX2: two lanes.
#include <algorithm>

#include "kernels.h"
#include "simd.h"

#if defined(NBUF_X86_VECTORS)
NBUF_BEGIN_TARGET("avx2")
namespace nbuf::core {
namespace {

struct Avx {
  static constexpr int kLanes = 2;
  static constexpr bool kShuffles = true;
  __m256i v;

  static NBUF_INLINE Avx load(const char* p, int64_t lane) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + lane));
    return {_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1)};
  }
  NBUF_INLINE void store(char* p, int64_t lane) const {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(v));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p + lane),
                     _mm256_extracti128_si256(v, 1));
  }
  NBUF_INLINE void store(char* p) const {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
  }
  static NBUF_INLINE void stream_line(char* to, const char* from) {
    NBUF_UNROLL for (int k = 0; k < 64; k += 32)
        _mm256_stream_si256(reinterpret_cast<__m256i*>(to + k), load(from + k, 16).v);
  }
  static NBUF_INLINE Avx mask(const uint8_t* bytes) {
    return {_mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)))};
  }
  NBUF_INLINE Avx operator|(Avx other) const { return {_mm256_or_si256(v, other.v)}; }
  NBUF_INLINE Avx shuffle(Avx mask) const { return {_mm256_shuffle_epi8(v, mask.v)}; }
  template <int E>
  static NBUF_INLINE Avx zip_low(Avx a, Avx b) {
    if constexpr (E == 1) return {_mm256_unpacklo_epi8(a.v, b.v)};
    if constexpr (E == 2) return {_mm256_unpacklo_epi16(a.v, b.v)};
    if constexpr (E == 4) return {_mm256_unpacklo_epi32(a.v, b.v)};
    if constexpr (E == 8) return {_mm256_unpacklo_epi64(a.v, b.v)};
  }
  template <int E>
  static NBUF_INLINE Avx zip_high(Avx a, Avx b) {
    if constexpr (E == 1) return {_mm256_unpackhi_epi8(a.v, b.v)};
    if constexpr (E == 2) return {_mm256_unpackhi_epi16(a.v, b.v)};
    if constexpr (E == 4) return {_mm256_unpackhi_epi32(a.v, b.v)};
    if constexpr (E == 8) return {_mm256_unpackhi_epi64(a.v, b.v)};
  }
};

}  // namespace
}  // namespace nbuf::core

#include "shuffle_impl.h"
#include "transpose_impl.h"
NBUF_END_TARGET

namespace nbuf::core {
const VectorKernels kAvx2 = {tiles_of<Avx>, shuffle_of<Avx>, stream_lines<Avx>, 2,
                             true,          &kSsse3};
}  // namespace nbuf::core
#endif
