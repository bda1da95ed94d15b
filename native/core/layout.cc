#include "layout.h"

#include <cstdlib>
#include <cstring>

namespace nbuf::core {
namespace {

// JavaScript sees strides as numbers; a stride that no index ever multiplies may be
// anything.
constexpr int64_t kMaxSafe = (int64_t{1} << 53) - 1;

Layout* allocate(const LayoutSpec& spec) {
  const size_t axes = static_cast<size_t>(spec.ndim) * sizeof(int64_t);
  const size_t text = std::strlen(spec.format) + 1;
  auto* made = static_cast<Layout*>(std::malloc(sizeof(Layout) + 2 * axes + text));
  if (made == nullptr) return nullptr;
  made->refs = 1;
  made->ndim = spec.ndim;
  made->offset = spec.offset;
  made->itemsize = spec.itemsize;
  made->shape = reinterpret_cast<int64_t*>(made + 1);
  made->strides = made->shape + spec.ndim;
  made->format = reinterpret_cast<char*>(made->strides + spec.ndim);
  if (axes > 0) std::memcpy(made->shape, spec.shape, axes);
  std::memcpy(made->format, spec.format, text);
  return made;
}
static_assert(sizeof(Layout) % alignof(int64_t) == 0, "axes follow the struct");

Status check_bounds(const Layout& layout, int64_t block_size, Error* error) {
  int64_t low, high;
  if (!nbuf_layout_reach_(layout.ndim, layout.shape, layout.strides, nullptr, 0, &low,
                          &high) ||
      !nbuf_add_(high, layout.itemsize, &high) || !nbuf_add_(low, layout.offset, &low) ||
      !nbuf_add_(high, layout.offset, &high))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "overflow in offset and strides");
  if (low < 0 || high > block_size)
    return nbuf_fail(error, NBUF_ERR_BOUNDS,
                     "elements at bytes [%lld, %lld) of a block of %lld bytes",
                     static_cast<long long>(low), static_cast<long long>(high),
                     static_cast<long long>(block_size));
  return NBUF_OK;
}

Status fill(Layout* made, const LayoutSpec& spec, int64_t block_size, Error* error) {
  if (!nbuf_layout_bytes_(made->ndim, made->shape, made->itemsize, &made->bytes))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "negative extent or overflow in shape");
  if (spec.strides != nullptr && made->ndim > 0)
    std::memcpy(made->strides, spec.strides,
                static_cast<size_t>(made->ndim) * sizeof(int64_t));
  else
    nbuf_layout_c_strides_(made->ndim, made->shape, made->itemsize, made->strides);
  for (int32_t i = 0; i < made->ndim; i++) {
    const bool is_used = made->bytes > 0 && made->shape[i] > 1;
    if (!is_used && (made->strides[i] > kMaxSafe || made->strides[i] < -kMaxSafe))
      made->strides[i] = 0;
  }
  made->contiguity =
      nbuf_layout_contiguity_(made->ndim, made->shape, made->strides, made->itemsize);
  if (made->bytes > 0) return check_bounds(*made, block_size, error);
  if (made->offset < 0 || made->offset > block_size)
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "offset %lld of a block of %lld bytes",
                     static_cast<long long>(made->offset),
                     static_cast<long long>(block_size));
  return NBUF_OK;
}

}  // namespace

Status make_layout(const LayoutSpec& spec, int64_t block_size, Layout** out,
                   Error* error) {
  *out = nullptr;
  if (spec.ndim < 0 || spec.ndim > NBUF_MAX_NDIM)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "ndim %ld: expected 0 to %d",
                     static_cast<long>(spec.ndim), NBUF_MAX_NDIM);
  if (spec.itemsize < 1)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "itemsize %lld: expected at least 1",
                     static_cast<long long>(spec.itemsize));
  Status status = check_format(spec.format, spec.itemsize, error);
  if (status != NBUF_OK) return status;
  Layout* made = allocate(spec);
  if (made == nullptr) return out_of_memory(error);
  status = fill(made, spec, block_size, error);
  if (status != NBUF_OK) {
    free_layout(made);
    return status;
  }
  *out = made;
  return NBUF_OK;
}

void free_layout(Layout* layout) { std::free(layout); }

}  // namespace nbuf::core
