// Which kernels this processor can run.
#include <atomic>

#include "kernels.h"
#include "simd.h"

#if defined(_MSC_VER) && !defined(__clang__) && defined(NBUF_X86_VECTORS)
#include <intrin.h>
#endif

namespace nbuf::core {
namespace {

#if defined(NBUF_X86_VECTORS) && defined(_MSC_VER) && !defined(__clang__)
KernelLevel detect() {
  int leaf[4], wide[4];
  __cpuid(leaf, 1);
  __cpuidex(wide, 7, 0);
  const bool ssse3 = (leaf[2] & 1 << 9) != 0;
  const bool saved = (leaf[2] & 1 << 27) != 0 && (_xgetbv(0) & 6) == 6;  // by the system
  if (ssse3 && saved && (wide[1] & 1 << 5) != 0) return KernelLevel::wide;
  return ssse3 ? KernelLevel::shuffle : KernelLevel::vector;
}
#elif defined(NBUF_X86_VECTORS)
KernelLevel detect() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return KernelLevel::wide;
  return __builtin_cpu_supports("ssse3") ? KernelLevel::shuffle : KernelLevel::vector;
}
#elif defined(NBUF_NEON_VECTORS)
KernelLevel detect() { return KernelLevel::shuffle; }
#else
KernelLevel detect() { return KernelLevel::plain; }
#endif

// Larger than most last-level caches.
constexpr int64_t kStreamBytes = int64_t{24} << 20;

// Relaxed: either is a number on its own, and every thread detects the same.
std::atomic<int32_t> chosen_level{-1};
std::atomic<int64_t> chosen_stream{kStreamBytes};

}  // namespace

KernelLevel best_kernel_level() { return detect(); }

KernelLevel kernel_level() {
  int32_t level = chosen_level.load(std::memory_order_relaxed);
  if (level < 0) {
    level = static_cast<int32_t>(detect());
    chosen_level.store(level, std::memory_order_relaxed);
  }
  return static_cast<KernelLevel>(level);
}

void set_kernel_level(KernelLevel level, int64_t stream_bytes) {
  const KernelLevel best = detect();
  chosen_level.store(static_cast<int32_t>(level < best ? level : best),
                     std::memory_order_relaxed);
  chosen_stream.store(stream_bytes > 0 ? stream_bytes : kStreamBytes,
                      std::memory_order_relaxed);
}

int64_t stream_bytes() { return chosen_stream.load(std::memory_order_relaxed); }

namespace {
TileKernel no_tiles(int64_t) { return nullptr; }
Kernel no_shuffle(int32_t) { return nullptr; }
}  // namespace

const VectorKernels kNoVectors = {no_tiles, no_shuffle, nullptr, 0, false, &kNoVectors};

const VectorKernels& vector_kernels() {
  switch (kernel_level()) {
#if defined(NBUF_X86_VECTORS)
    case KernelLevel::wide:
      return kAvx2;
    case KernelLevel::shuffle:
      return kSsse3;
    case KernelLevel::vector:
      return kSse2;
#elif defined(NBUF_NEON_VECTORS)
    case KernelLevel::wide:
    case KernelLevel::shuffle:
    case KernelLevel::vector:
      return kNeon;
#endif
    default:
      return kNoVectors;
  }
}

}  // namespace nbuf::core
