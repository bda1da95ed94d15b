// NEON: every arm64 has it.
#include <algorithm>

#include "kernels.h"
#include "simd.h"

#if defined(NBUF_NEON_VECTORS)
namespace nbuf::core {
namespace {

struct Neon {
  static constexpr int kLanes = 1;
  static constexpr bool kShuffles = true;
  uint8x16_t v;

  static NBUF_INLINE Neon load(const char* p, int64_t) {
    return {vld1q_u8(reinterpret_cast<const uint8_t*>(p))};
  }
  NBUF_INLINE void store(char* p, int64_t) const { store(p); }
  NBUF_INLINE void store(char* p) const { vst1q_u8(reinterpret_cast<uint8_t*>(p), v); }
  static NBUF_INLINE void stream_line(char* to, const char* from) {
    NBUF_UNROLL for (int k = 0; k < 64; k += 16) load(from + k, 0).store(to + k);
  }
  static NBUF_INLINE Neon mask(const uint8_t* bytes) { return {vld1q_u8(bytes)}; }
  NBUF_INLINE Neon operator|(Neon other) const { return {vorrq_u8(v, other.v)}; }
  NBUF_INLINE Neon shuffle(Neon mask) const { return {vqtbl1q_u8(v, mask.v)}; }
  template <int E>
  static NBUF_INLINE Neon zip_low(Neon a, Neon b) {
    if constexpr (E == 1) return {vzip1q_u8(a.v, b.v)};
    if constexpr (E == 2) return {vreinterpretq_u8_u16(vzip1q_u16(u16(a), u16(b)))};
    if constexpr (E == 4) return {vreinterpretq_u8_u32(vzip1q_u32(u32(a), u32(b)))};
    if constexpr (E == 8) return {vreinterpretq_u8_u64(vzip1q_u64(u64(a), u64(b)))};
  }
  template <int E>
  static NBUF_INLINE Neon zip_high(Neon a, Neon b) {
    if constexpr (E == 1) return {vzip2q_u8(a.v, b.v)};
    if constexpr (E == 2) return {vreinterpretq_u8_u16(vzip2q_u16(u16(a), u16(b)))};
    if constexpr (E == 4) return {vreinterpretq_u8_u32(vzip2q_u32(u32(a), u32(b)))};
    if constexpr (E == 8) return {vreinterpretq_u8_u64(vzip2q_u64(u64(a), u64(b)))};
  }

 private:
  static NBUF_INLINE uint16x8_t u16(Neon a) { return vreinterpretq_u16_u8(a.v); }
  static NBUF_INLINE uint32x4_t u32(Neon a) { return vreinterpretq_u32_u8(a.v); }
  static NBUF_INLINE uint64x2_t u64(Neon a) { return vreinterpretq_u64_u8(a.v); }
};

}  // namespace
}  // namespace nbuf::core

#include "shuffle_impl.h"
#include "transpose_impl.h"

namespace nbuf::core {
const VectorKernels kNeon = {
    tiles_of<Neon>, shuffle_of<Neon>, stream_lines<Neon>, 1, true, &kNeon};
}  // namespace nbuf::core
#endif
