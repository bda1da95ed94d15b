// host_model.h - what a HostArray must answer, in a few lines: the state machine behind
// test_core_locks.cc.
#ifndef NBUF_TEST_HOST_MODEL_H
#define NBUF_TEST_HOST_MODEL_H

#include <string>

#include "core_fixture.h"

// A layout in vectors, with the slow answers to what the core computes.
struct ModelLayout {
  std::vector<int64_t> shape, strides;
  int64_t offset = 0, itemsize = 1;
  std::string format = "B";

  int64_t bytes() const {
    int64_t product = itemsize;
    for (const int64_t n : shape) product *= n;
    return product;
  }
  void pack(bool fortran) {
    strides.assign(shape.size(), 0);
    int64_t step = itemsize;
    for (size_t j = 0; j < shape.size(); j++) {
      const size_t i = fortran ? j : shape.size() - 1 - j;
      strides[i] = step;
      step *= shape[i] > 0 ? shape[i] : 1;
    }
  }
  bool is_packed(bool fortran) const {
    ModelLayout packed = *this;
    packed.pack(fortran);
    for (size_t i = 0; i < shape.size(); i++)
      if (bytes() > 0 && shape[i] > 1 && strides[i] != packed.strides[i]) return false;
    return true;
  }
  bool fits(int64_t block) const {
    int64_t low = offset, high = offset + itemsize;
    if (bytes() == 0) high = low;
    for (size_t i = 0; i < shape.size() && bytes() > 0; i++)
      (strides[i] < 0 ? low : high) += (shape[i] - 1) * strides[i];
    return low >= 0 && high <= block;
  }
  nbuf::core::LayoutSpec spec() const {
    return {static_cast<int32_t>(shape.size()),
            shape.data(),
            strides.data(),
            offset,
            itemsize,
            format.c_str()};
  }
};

struct HostModel {
  bool is_heap, disposed = false, owned = true;
  int64_t memory = 0, layout_locks = 0;
  ModelLayout layout;
  std::vector<unsigned char> block;

  nbuf_status acquire(bool snapshot) {
    if (disposed) return NBUF_ERR_RELEASED;
    memory++;
    layout_locks += !snapshot;
    return NBUF_OK;
  }
  nbuf_status set_layout(const ModelLayout& next) {
    if (disposed) return NBUF_ERR_RELEASED;
    if (!next.fits(static_cast<int64_t>(block.size()))) return NBUF_ERR_BOUNDS;
    if (layout_locks > 0) return NBUF_ERR_LOCKED;
    layout = next;
    return NBUF_OK;
  }
  nbuf_status resize(const std::vector<int64_t>& shape) {
    if (disposed) return NBUF_ERR_RELEASED;
    if (!is_heap) return NBUF_ERR_UNSUPPORTED;
    const bool is_c = layout.is_packed(false);
    if (layout.offset != 0 || (!is_c && !layout.is_packed(true)))
      return NBUF_ERR_CONTIGUITY;
    if (memory > 0) return NBUF_ERR_LOCKED;
    const size_t kept = static_cast<size_t>(layout.bytes());
    layout.shape = shape;
    layout.pack(!is_c);
    block.resize(kept);  // what lies behind the layout is not kept
    block.resize(static_cast<size_t>(layout.bytes()), 0);
    return NBUF_OK;
  }
  // The memory goes when nobody can reach it any more.
  bool keeps_memory() const { return memory > 0 || (owned && !disposed); }
};

#endif  // NBUF_TEST_HOST_MODEL_H
