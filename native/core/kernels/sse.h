// One lane of SSE2, or of SSSE3 where NBUF_SSSE3 is defined; included once in each file.
#include <cstring>

namespace nbuf::core {
namespace {

struct Sse {
  static constexpr int kLanes = 1;
#if defined(NBUF_SSSE3)
  static constexpr bool kShuffles = true;
#else
  static constexpr bool kShuffles = false;
#endif
  __m128i v;

  static NBUF_INLINE Sse load(const char* p, int64_t) {
    return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))};
  }
  NBUF_INLINE void store(char* p, int64_t) const {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v);
  }
  NBUF_INLINE void store(char* p) const { store(p, 0); }
  static NBUF_INLINE void stream_line(char* to, const char* from) {
    NBUF_UNROLL for (int k = 0; k < 64; k += 16)
        _mm_stream_si128(reinterpret_cast<__m128i*>(to + k), load(from + k, 0).v);
  }
  static NBUF_INLINE Sse mask(const uint8_t* bytes) {
    return {_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))};
  }
  NBUF_INLINE Sse operator|(Sse other) const { return {_mm_or_si128(v, other.v)}; }
  NBUF_INLINE Sse shuffle(Sse mask) const {
#if defined(NBUF_SSSE3)
    return {_mm_shuffle_epi8(v, mask.v)};
#else
    return mask;  // never called: there are no plans that need it
#endif
  }
  template <int E>
  static NBUF_INLINE Sse zip_low(Sse a, Sse b) {
    if constexpr (E == 1) return {_mm_unpacklo_epi8(a.v, b.v)};
    if constexpr (E == 2) return {_mm_unpacklo_epi16(a.v, b.v)};
    if constexpr (E == 4) return {_mm_unpacklo_epi32(a.v, b.v)};
    if constexpr (E == 8) return {_mm_unpacklo_epi64(a.v, b.v)};
  }
  template <int E>
  static NBUF_INLINE Sse zip_high(Sse a, Sse b) {
    if constexpr (E == 1) return {_mm_unpackhi_epi8(a.v, b.v)};
    if constexpr (E == 2) return {_mm_unpackhi_epi16(a.v, b.v)};
    if constexpr (E == 4) return {_mm_unpackhi_epi32(a.v, b.v)};
    if constexpr (E == 8) return {_mm_unpackhi_epi64(a.v, b.v)};
  }
};

}  // namespace
}  // namespace nbuf::core
