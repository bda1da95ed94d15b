// A growing array of plain values without exceptions; the first N need no allocation.
#ifndef NBUF_CORE_GROW_ARRAY_H
#define NBUF_CORE_GROW_ARRAY_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace nbuf::core {

template <typename T, int32_t N>
class GrowArray {
  static_assert(std::is_trivially_copyable<T>::value, "values are moved by memcpy");

 public:
  GrowArray() = default;
  GrowArray(const GrowArray&) = delete;
  GrowArray& operator=(const GrowArray&) = delete;
  ~GrowArray() {
    if (data_ != inline_) std::free(data_);
  }

  int32_t size() const { return size_; }
  T& operator[](int32_t i) { return data_[i]; }
  const T& operator[](int32_t i) const { return data_[i]; }

  // False: no memory; nothing has changed then. References into the array become invalid.
  bool push(const T& value) {
    const T copy = value;  // it may lie in here
    if (size_ == capacity_ && !grow()) return false;
    data_[size_++] = copy;
    return true;
  }

 private:
  bool grow() {
    // Twice as much stays far below 2^31: callers bound what they push.
    const size_t bytes = static_cast<size_t>(capacity_) * 2 * sizeof(T);
    void* made = std::malloc(bytes);
    if (made == nullptr) return false;
    std::memcpy(made, data_, static_cast<size_t>(size_) * sizeof(T));
    if (data_ != inline_) std::free(data_);
    data_ = static_cast<T*>(made);
    capacity_ *= 2;
    return true;
  }

  T inline_[N];
  T* data_ = inline_;
  int32_t size_ = 0, capacity_ = N;
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_GROW_ARRAY_H
