// SSE2: every x86-64 has it.
#include <algorithm>

#include "kernels.h"
#include "simd.h"

#if defined(NBUF_X86_VECTORS)
#include "sse.h"
#include "transpose_impl.h"

namespace nbuf::core {
namespace {

void stream_row(char* dst, const char* src, int64_t bytes) {
  const int64_t head = std::min<int64_t>(
      bytes, static_cast<int64_t>(-reinterpret_cast<uintptr_t>(dst) & 63));
  std::memcpy(dst, src, static_cast<size_t>(head));
  const int64_t end = head + (bytes - head) / 64 * 64;
  for (int64_t i = head; i < end; i += 64)  // whole cache lines
    Sse::stream_line(dst + i, src + i);
  std::memcpy(dst + end, src + end, static_cast<size_t>(bytes - end));
}

Kernel no_shuffle(int32_t) { return nullptr; }

}  // namespace

void stream_rows(const Plan& plan, char* dst, const char* src) {
  const Grid& grid = plan.grid;
  for (int64_t j = 0; j < grid.across.extent; j++)
    for (int64_t i = 0; i < grid.inner.extent; i++)
      stream_row(dst + j * grid.across.dst + i * grid.inner.dst,
                 src + j * grid.across.src + i * grid.inner.src, grid.item);
}

const VectorKernels kSse2 = {
    transpose_of<Sse>, no_shuffle, stream_rows, 1, false, &kSse2};

void end_stream() { _mm_sfence(); }

}  // namespace nbuf::core
#else

namespace nbuf::core {
void end_stream() {}
}  // namespace nbuf::core
#endif
