/* nbuf/detail/span.hpp - typed n-d access. Part of nbuf.hpp.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_SPAN_HPP
#define NBUF_DETAIL_SPAN_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "../nbuf.h"
#include "format_match.hpp"

#if defined(__GNUC__)
/* Out of line and without side effects, so that a loop over a direct layout needs to test
 * only once that it is direct. */
#define NBUF_COLD_PATH_ __attribute__((__noinline__, __cold__, __pure__))
#else
#define NBUF_COLD_PATH_
#endif

namespace nbuf {

/* What a span knows of its layout at compile time. */
enum class Access {
  any,      /* nothing: tests at each access whether there are pointers */
  indirect, /* there are pointers */
  strided,  /* no pointers */
  rows      /* no pointers, and the last axis is contiguous */
};

namespace detail {

inline bool is_indirect(const nbuf_provider& p) noexcept {
  if (NBUF_HAS(&p, post_offsets) && p.level_count > 1) return true;
  for (std::int32_t d = 0; p.suboffsets != nullptr && d < p.ndim; d++)
    if (p.suboffsets[d] >= 0) return true;
  return false;
}

inline char* follow(const char* at, std::int64_t offset) noexcept {
  char* target;
  std::memcpy(&target, at, sizeof target);
  return target + offset;
}

/* The element's address in an indirect layout. */
template <class... I>
inline char* locate(const nbuf_provider* p, I... i) noexcept {
  const std::int64_t index[sizeof...(I) + 1] = {i..., 0};
  char* at = static_cast<char*>(p->buf);
  if (p->suboffsets != nullptr) {
    for (std::size_t d = 0; d < sizeof...(I); d++) {
      at += index[d] * p->strides[d];
      if (p->suboffsets[d] >= 0) at = follow(at, p->suboffsets[d]);
    }
    return at;
  }
  for (std::int32_t level = 0; level < p->level_count; level++) {
    if (level > 0) at = follow(at, p->post_offsets[level - 1]);
    for (std::size_t d = 0; d < sizeof...(I); d++)
      if (p->axis_level[d] == level) at += index[d] * p->strides[d];
  }
  return at;
}

template <class... I>
NBUF_COLD_PATH_ char* locate_cold(const nbuf_provider* p, I... i) noexcept {
  return locate(p, i...);
}

} /* namespace detail */

/* N-dimensional elements of a provider, which must outlive the span. s(i, j) is
 * unchecked, as an array's a[i][j]. T is const for memory that may be read-only; a class
 * type's fields are the caller's word, all else must agree with the format. bool is
 * refused, since foreign bytes may be neither 0 nor 1: read '?' as unsigned char. */
template <class T, int N, Access A = Access::any>
class span {
  static_assert(N >= 0 && N <= NBUF_MAX_NDIM, "0 to 64 dimensions");
  static_assert(std::is_trivially_copyable<T>::value, "elements are bytes in memory");
  static_assert(!std::is_same<std::remove_cv_t<T>, bool>::value,
                "read '?' as unsigned char");
  /* Compilers recognize a stride of 1 element, but not one of sizeof(T) bytes. */
  static constexpr bool counts_elements = sizeof(T) == alignof(T);
  static constexpr std::size_t places = N > 0 ? static_cast<std::size_t>(N) : 1;
  static constexpr std::int64_t unit =
      counts_elements ? 1 : static_cast<std::int64_t>(sizeof(T));

 public:
  span() noexcept = default;

  /* Validates the provider. An empty span (see operator bool) and the reason, if elements
   * are not of type T or not aligned, dimensions are not N, the memory is read-only and T
   * not const, or the layout is not as A wants it. */
  static span from(const nbuf_provider& p, nbuf_error* error) noexcept {
    span made;
    if (check(p, error) != NBUF_OK) return made;
    if (detail::is_indirect(p)) made.indirect_ = &p;
    made.fill(p);
    if (A == Access::any || made.fits(A)) return made;
    nbuf_fail(error, A == Access::rows ? NBUF_ERR_CONTIGUITY : NBUF_ERR_SUBOFFSETS,
              "the layout is %s: use nbuf::span<T, N>, which takes any",
              made.indirect_ != nullptr ? "indirect"
              : A == Access::rows       ? "direct, but its last axis is not contiguous"
                                        : "direct");
    return span();
  }

  /* The same for an owner, NBUF_ERR_RELEASED for one that owns nothing. */
  template <class Owner>
  static span from(const Owner& owner, nbuf_error* error) noexcept {
    if (owner.get() != nullptr) return from(*owner.get(), error);
    nbuf_fail(error, NBUF_ERR_RELEASED,
              "there is no provider: acquire failed, or released");
    return span();
  }

  explicit operator bool() const noexcept { return data_ != nullptr; }
  std::int64_t extent(int axis) const noexcept { return extent_[axis]; }

  template <class... I>
  T& operator()(I... i) const noexcept {
    static_assert(sizeof...(I) == static_cast<std::size_t>(N), "one index for each axis");
    if constexpr (A == Access::indirect)
      return element(detail::locate(indirect_, static_cast<std::int64_t>(i)...));
    if constexpr (A == Access::any)
      if (indirect_ != nullptr)
        return element(detail::locate_cold(indirect_, static_cast<std::int64_t>(i)...));
    const std::int64_t index[sizeof...(I) + 1] = {static_cast<std::int64_t>(i)..., 0};
    std::int64_t offset = 0;
    for (int d = 0; d < N; d++)
      offset += index[d] * (A == Access::rows && d == N - 1 ? unit : stride_[d]);
    if constexpr (counts_elements) return *(&element(data_) + offset);
    return element(data_ + offset);
  }

  /* f(s) with the narrowest span that fits: a loop in f is compiled three times, and runs
   * as fast as one over raw pointers where the last axis is contiguous. */
  template <class F>
  void visit(F&& f) const {
    if (indirect_ != nullptr)
      f(as<Access::indirect>());
    else if (fits(Access::rows))
      f(as<Access::rows>());
    else
      f(as<Access::strided>());
  }

 private:
  template <class, int, Access>
  friend class span;

  static T& element(char* at) noexcept { return *reinterpret_cast<T*>(at); }

  bool fits(Access access) const noexcept {
    if ((indirect_ != nullptr) != (access == Access::indirect)) return false;
    return access != Access::rows || N == 0 || stride_[N > 0 ? N - 1 : 0] == unit ||
           extent_[N > 0 ? N - 1 : 0] < 2;
  }

  template <Access B>
  span<T, N, B> as() const noexcept {
    span<T, N, B> same;
    same.data_ = data_;
    same.indirect_ = indirect_;
    for (int d = 0; d < N; d++) {
      same.extent_[d] = extent_[d];
      same.stride_[d] = stride_[d];
    }
    return same;
  }

  static nbuf_status check(const nbuf_provider& p, nbuf_error* error) noexcept {
    using Item = std::remove_cv_t<T>;
    const nbuf_status status = nbuf_validate_aligned_(&p, alignof(T), error);
    if (status != NBUF_OK) return status;
    const bool is_bytes = p.shape == nullptr && p.ndim > 0;
    const std::int64_t itemsize = is_bytes ? 1 : p.itemsize;
    if (p.ndim != N)
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                       "the array has %ld dimensions, the span %d: slice or reshape it",
                       static_cast<long>(p.ndim), N);
    if (!std::is_const<T>::value && (p.flags & NBUF_READONLY) != 0)
      return nbuf_fail(error, NBUF_ERR_READONLY,
                       "the memory is read-only: use a span of const elements");
    if (itemsize != static_cast<std::int64_t>(sizeof(T)) ||
        !detail::format_matches<Item>(p.format))
      return nbuf_fail(error, NBUF_ERR_FORMAT,
                       "expected %s of %d bytes, found %lld bytes of format '%s'",
                       detail::kind_name(detail::kind_of<Item>()),
                       static_cast<int>(sizeof(T)), static_cast<long long>(itemsize),
                       p.format != nullptr ? p.format : "");
    return NBUF_OK;
  }

  void fill(const nbuf_provider& p) noexcept {
    std::int64_t c_stride = sizeof(T);
    for (int d = N; d-- > 0;) {
      extent_[d] = p.shape != nullptr ? p.shape[d] : p.len;
      const std::int64_t stride = p.strides != nullptr ? p.strides[d] : c_stride;
      const std::int64_t step = static_cast<std::int64_t>(sizeof(T)) / unit;
      stride_[d] = stride / step; /* exact, or of an axis that is never stepped along */
      c_stride *= extent_[d] > 0 ? extent_[d] : 1;
    }
    /* Nothing of an empty array is accessed, but the span is not an empty span. */
    data_ = p.buf != nullptr ? static_cast<char*>(p.buf)
                             : reinterpret_cast<char*>(alignof(T));
  }

  char* data_ = nullptr;
  const nbuf_provider* indirect_ = nullptr; /* NULL: direct */
  std::int64_t extent_[places] = {};
  std::int64_t stride_[places] = {}; /* elements, or bytes where !counts_elements */
};

} /* namespace nbuf */

#endif /* NBUF_DETAIL_SPAN_HPP */
