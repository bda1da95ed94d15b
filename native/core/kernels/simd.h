// What kernels that are templates of vectors need. A vector has one or two lanes of 16
// bytes; sse.h, avx2.cc, neon.cc define them:
//   kLanes, V::load(p, lane), v.store(p, lane): 16 bytes at p, the second's at p + lane;
//   v.store(p): back to back; V::stream_line(to, from): 64 bytes past the caches, `to`
//   aligned V::zip_low<E>(a, b), zip_high: items of E bytes of both, alternating, in each
//   lane v.shuffle(mask): of each lane; 0 where the mask's byte is 0x80 or more;
//   V::mask(16 bytes)
#ifndef NBUF_CORE_KERNELS_SIMD_H
#define NBUF_CORE_KERNELS_SIMD_H

#include <cstdint>

#if defined(__SSE2__) || defined(_M_X64)
#define NBUF_X86_VECTORS
#include <immintrin.h>
#elif (defined(__aarch64__) && defined(__ARM_NEON) && !defined(__AARCH64EB__)) || \
    defined(_M_ARM64)
#define NBUF_NEON_VECTORS
#include <arm_neon.h>
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#define NBUF_INLINE __forceinline
#define NBUF_NOINLINE __declspec(noinline)
#define NBUF_UNROLL
#elif defined(__clang__)
#define NBUF_INLINE inline __attribute__((always_inline))
#define NBUF_NOINLINE __attribute__((noinline))
#define NBUF_UNROLL _Pragma("unroll")
#else
#define NBUF_INLINE inline __attribute__((always_inline))
#define NBUF_NOINLINE __attribute__((noinline, noclone))
#define NBUF_UNROLL _Pragma("GCC unroll 16")
#endif

// Code between these may use instructions that the rest of the program does not: all of
// it must have internal linkage, or the linker could pick it for others.
#if defined(_MSC_VER) && !defined(__clang__)
#define NBUF_BEGIN_TARGET(name)
#define NBUF_END_TARGET
#elif defined(__clang__)
#define NBUF_PRAGMA(text) _Pragma(#text)
#define NBUF_BEGIN_TARGET(name) \
  NBUF_PRAGMA(clang attribute push(__attribute__((target(name))), apply_to = function))
#define NBUF_END_TARGET _Pragma("clang attribute pop")
#else
#define NBUF_PRAGMA(text) _Pragma(#text)
#define NBUF_BEGIN_TARGET(name) _Pragma("GCC push_options") NBUF_PRAGMA(GCC target(name))
#define NBUF_END_TARGET _Pragma("GCC pop_options")
#endif

// Vectors also read bytes between the items of a layout, which other threads may write;
// what they read there is thrown away.
#if defined(__SANITIZE_THREAD__)
#define NBUF_READS_GAPS __attribute__((no_sanitize_thread))
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NBUF_READS_GAPS __attribute__((no_sanitize("thread")))
#endif
#endif
#ifndef NBUF_READS_GAPS
#define NBUF_READS_GAPS
#endif

#endif  // NBUF_CORE_KERNELS_SIMD_H
