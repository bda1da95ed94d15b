// The inner loops of copies, and which of them this processor can run.
#ifndef NBUF_CORE_KERNELS_KERNELS_H
#define NBUF_CORE_KERNELS_KERNELS_H

#include "../copy_plan.h"

namespace nbuf::core {

// Each includes those before it. Elsewhere than on x86-64: plain, and (arm64) shuffle.
enum class KernelLevel {
  plain,    // no vectors
  vector,   // 16 bytes: SSE2, NEON
  shuffle,  // and bytes selected by bytes: SSSE3, NEON
  wide,     // 32 bytes: AVX2
};

KernelLevel best_kernel_level();  // of this processor
KernelLevel kernel_level();       // that plans are made for

// For tests: plans are made for at most this level from now on (never above the best),
// and write past the caches from `stream_bytes` bytes on; 0: as usual.
void set_kernel_level(KernelLevel level, int64_t stream_bytes = 0);
int64_t stream_bytes();

// Any two axes and any item, with or without swap.
void copy_grid(const Grid& grid, char* dst, const char* src);
// The same as a kernel, and in blocks that keep the cache lines of both sides.
void plain_rows(const Plan& plan, char* dst, const char* src);
void plain_blocks(const Plan& plan, char* dst, const char* src);
// Rows of the destination, contiguous, that repeat one item of the source.
void fill_rows(const Plan& plan, char* dst, const char* src);
// What lies outside the groups that a shuffle does with vectors.
void shuffle_ends(const Plan& plan, char* dst, const char* src);
// What lies outside the tiles of `tile` by `tile` items that a transpose does with
// vectors.
void transpose_ends(const Plan& plan, int64_t inner, int64_t across, char* dst,
                    const char* src);

// Rows that are contiguous on both sides, past the caches.
void stream_rows(const Plan& plan, char* dst, const char* src);
// After kernels of a plan that streams: its writes are visible before later ones.
void end_stream();

// The buffer of a transpose that streams: rows of lines, and one to align them.
constexpr int64_t kStreamLines = 4, kStreamPitch = 64 * (kStreamLines + 1);

// Kernels with vectors; NULL where there is none.
struct VectorKernels {
  TileKernel (*tiles)(int64_t item);
  Kernel (*shuffle)(int32_t inputs);
  StreamKernel stream;
  int32_t lanes;  // of 16 bytes
  bool swaps;     // tiles can swap, too
  const VectorKernels* one_lane;
};
extern const VectorKernels kNoVectors, kSse2, kSsse3, kAvx2, kNeon;
const VectorKernels& vector_kernels();  // of kernel_level()

}  // namespace nbuf::core

#endif  // NBUF_CORE_KERNELS_KERNELS_H
