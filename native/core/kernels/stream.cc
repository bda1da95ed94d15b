// Writes past the caches, which neither read what they replace nor drive out what is
// there.
#include <algorithm>
#include <cstring>

#include "kernels.h"
#include "simd.h"

namespace nbuf::core {

void end_stream() {
#if defined(NBUF_X86_VECTORS)
  _mm_sfence();  // these writes are not ordered with others
#endif
}

namespace {

#if defined(NBUF_X86_VECTORS)
// `dst` is aligned to 64 bytes.
void stream_line(char* dst, const char* src) {
  for (int k = 0; k < 64; k += 16)
    _mm_stream_si128(reinterpret_cast<__m128i*>(dst + k),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(src + k)));
}
#endif

void stream_row(char* dst, const char* src, int64_t bytes) {
#if defined(NBUF_X86_VECTORS)
  const int64_t head = std::min<int64_t>(
      bytes, static_cast<int64_t>(-reinterpret_cast<uintptr_t>(dst) & 63));
  std::memcpy(dst, src, static_cast<size_t>(head));
  const int64_t end = head + (bytes - head) / 64 * 64;
  for (int64_t i = head; i < end; i += 64) stream_line(dst + i, src + i);
  std::memcpy(dst + end, src + end, static_cast<size_t>(bytes - end));
#else
  std::memcpy(dst, src, static_cast<size_t>(bytes));
#endif
}

}  // namespace

void stream_rows(const Plan& plan, char* dst, const char* src) {
  const Grid& grid = plan.grid;
  for (int64_t j = 0; j < grid.across.extent; j++)
    for (int64_t i = 0; i < grid.inner.extent; i++)
      stream_row(dst + j * grid.across.dst + i * grid.inner.dst,
                 src + j * grid.across.src + i * grid.inner.src, grid.item);
}

}  // namespace nbuf::core
