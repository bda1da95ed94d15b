/* nbuf.hpp - C++17 over nbuf.h: nbuf::Provider owns a reference, nbuf::span<T, N> reads
 * and writes elements; nbuf::export_vector and export_owned export what an object owns.
 * Header-only; needs neither exceptions nor RTTI. SPDX-License-Identifier: MIT
 *
 *   nbuf_error error;
 *   auto p = nbuf::Provider::acquire(exporter, NBUF_FULL, "blur", error);
 *   auto image = nbuf::span<float, 2>::from(p, &error);
 *   if (!image) return fail(error.message);
 *   image(0, 0) = 1.0f;
 *   image.visit([](auto s) {  // the same, as fast as raw pointers
 *     for (int64_t y = 0; y < s.extent(0); y++)
 *       for (int64_t x = 0; x < s.extent(1); x++) s(y, x) *= 0.5f;
 *   });
 */
#ifndef NBUF_HPP
#define NBUF_HPP

#include <cstdint>
#include <cstring>
#include <utility>

#include "detail/exporter.hpp"
#include "detail/span.hpp"
#include "nbuf.h"

namespace nbuf {

/* Owns one reference to a provider, or nothing. */
class Provider {
 public:
  Provider() noexcept = default;
  Provider(Provider&& other) noexcept : provider_(other.disown()) {}
  Provider& operator=(Provider&& other) noexcept {
    Provider(std::move(other)).swap(*this);
    return *this;
  }
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  ~Provider() { release(); }

  /* Takes over the caller's reference; NULL makes an empty Provider. */
  static Provider adopt(nbuf_provider* provider) noexcept { return Provider(provider); }

  /* A validated provider with locks of its own, or an empty one and the reason, unmet and
   * grantable (nbuf_error) included. label:
   * UTF-8 or NULL, names the holder in lock errors. */
  static Provider acquire(nbuf_exporter* exporter, std::uint32_t flags, const char* label,
                          nbuf_error& error) noexcept {
    const nbuf_request request = {sizeof request, flags, label};
    nbuf_provider* provider = nullptr;
    std::memset(&error, 0, sizeof error);
    error.struct_size = sizeof error;
    if (nbuf_acquire_checked_(exporter, &request, &provider, &error) != NBUF_OK)
      nbuf_explain(exporter, flags, &error);
    return Provider(provider);
  }

  /* Another reference to the same provider, with the same locks. */
  Provider share() const noexcept {
    if (provider_ != nullptr) provider_->ops->retain(provider_);
    return Provider(provider_);
  }

  /* Drops the reference now instead of in the destructor. */
  void release() noexcept {
    nbuf_provider* provider = disown();
    if (provider != nullptr) provider->ops->release(provider);
  }

  /* Gives the reference to the caller. */
  nbuf_provider* disown() noexcept { return std::exchange(provider_, nullptr); }

  /* Lets the exporter change its layout; this provider keeps its own. Idempotent. */
  void unlock_layout() noexcept {
    if (provider_ != nullptr) provider_->ops->unlock_layout(provider_);
  }

  const nbuf_provider* get() const noexcept { return provider_; }
  const nbuf_provider* operator->() const noexcept { return provider_; }
  const nbuf_provider& operator*() const noexcept { return *provider_; }
  explicit operator bool() const noexcept { return provider_ != nullptr; }
  void swap(Provider& other) noexcept { std::swap(provider_, other.provider_); }

 private:
  explicit Provider(nbuf_provider* provider) noexcept : provider_(provider) {}
  nbuf_provider* provider_ = nullptr;
};

} /* namespace nbuf */

#endif /* NBUF_HPP */
