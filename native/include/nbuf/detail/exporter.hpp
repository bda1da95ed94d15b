/* nbuf/detail/exporter.hpp - exporters that own a C++ object. Part of nbuf.hpp.
 * SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_EXPORTER_HPP
#define NBUF_DETAIL_EXPORTER_HPP

#include <cstdint>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>

#include "../nbuf.h"

namespace nbuf {

/* Owns one reference to an exporter, or nothing. */
class Exporter {
 public:
  Exporter() noexcept = default;
  Exporter(Exporter&& other) noexcept : exporter_(other.disown()) {}
  Exporter& operator=(Exporter&& other) noexcept {
    Exporter(std::move(other)).swap(*this);
    return *this;
  }
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  ~Exporter() { release(); }

  /* Takes over the caller's reference; NULL makes an empty Exporter. */
  static Exporter adopt(nbuf_exporter* exporter) noexcept { return Exporter(exporter); }

  Exporter share() const noexcept {
    if (exporter_ != nullptr) exporter_->ops->retain(exporter_);
    return Exporter(exporter_);
  }
  void release() noexcept {
    nbuf_exporter* exporter = disown();
    if (exporter != nullptr) exporter->ops->release(exporter);
  }
  /* Gives the reference to the caller. */
  nbuf_exporter* disown() noexcept { return std::exchange(exporter_, nullptr); }

  nbuf_exporter* get() const noexcept { return exporter_; }
  explicit operator bool() const noexcept { return exporter_ != nullptr; }
  void swap(Exporter& other) noexcept { std::swap(exporter_, other.exporter_); }

 private:
  explicit Exporter(nbuf_exporter* exporter) noexcept : exporter_(exporter) {}
  nbuf_exporter* exporter_ = nullptr;
};

/* The format of an arithmetic type: "B" for uint8_t, "f" for float. */
template <class T>
constexpr const char* format_of() noexcept {
  using Item = std::remove_cv_t<T>;
  static_assert(std::is_arithmetic<Item>::value && !std::is_same<Item, bool>::value,
                "numbers; write the format of anything else yourself");
  if (std::is_same<Item, char>::value) return "c";
  if (std::is_same<Item, long double>::value) return "g";
  if (std::is_floating_point<Item>::value) return sizeof(Item) == 4 ? "f" : "d";
  constexpr bool is_signed = std::is_signed<Item>::value;
  switch (sizeof(Item)) {
    case 1:
      return is_signed ? "b" : "B";
    case 2:
      return is_signed ? "h" : "H";
    case 4:
      return is_signed ? "i" : "I";
    default:
      return is_signed ? "q" : "Q";
  }
}

/* An exporter of `from` that keeps `owner` (a std::shared_ptr, a std::unique_ptr with a
 * deleter of yours, ...) until its last provider is gone; `owner` is destroyed there, on
 * any thread. struct_size, free and context of `from` are set here. An empty Exporter and
 * the reason where that fails; then `owner` has been destroyed. */
template <class Owner>
Exporter export_owned(Owner owner, nbuf_pointer_export from, nbuf_error* error) noexcept {
  Owner* const kept = new (std::nothrow) Owner(std::move(owner));
  nbuf_exporter* made = nullptr;
  if (kept == nullptr) {
    nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
    return Exporter();
  }
  from.struct_size = sizeof from;
  from.context = kept;
  from.free = [](void* context) { delete static_cast<Owner*>(context); };
  if (nbuf_export_pointer(&from, &made, error) != NBUF_OK) delete kept;
  return Exporter::adopt(made);
}

/* An exporter of all elements of a std::vector, or of another container with data() and
 * size(), in C order; without a shape, of one axis. The vector is moved, not copied.
 * NBUF_ERR_BOUNDS for a shape of more elements than there are. */
template <class Vector>
Exporter export_vector(Vector values, std::initializer_list<std::int64_t> shape,
                       nbuf_error* error) noexcept {
  using Item = std::remove_reference_t<decltype(*values.data())>;
  Vector* const kept = new (std::nothrow) Vector(std::move(values));
  if (kept == nullptr) {
    nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
    return Exporter();
  }
  const std::int64_t count = static_cast<std::int64_t>(kept->size());
  nbuf_pointer_export from{};
  from.flags = std::is_const<Item>::value ? NBUF_READONLY : 0;
  from.buf = from.base = const_cast<std::remove_const_t<Item>*>(kept->data());
  from.size = count * static_cast<std::int64_t>(sizeof(Item));
  from.itemsize = sizeof(Item);
  from.format = format_of<Item>();
  from.ndim = shape.size() > 0 ? static_cast<std::int32_t>(shape.size()) : 1;
  from.shape = shape.size() > 0 ? shape.begin() : &count;
  from.struct_size = sizeof from;
  from.context = kept;
  from.free = [](void* context) { delete static_cast<Vector*>(context); };
  nbuf_exporter* made = nullptr;
  if (nbuf_export_pointer(&from, &made, error) != NBUF_OK) delete kept;
  return Exporter::adopt(made);
}

} /* namespace nbuf */

#endif /* NBUF_DETAIL_EXPORTER_HPP */
