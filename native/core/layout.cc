#include "layout.h"

#include <cstdlib>
#include <cstring>

namespace nbuf::core {
namespace {

// JavaScript sees strides as numbers; a stride that no index ever multiplies may be
// anything.
constexpr int64_t kMaxSafe = (int64_t{1} << 53) - 1;

bool is_safe(int64_t value) { return value <= kMaxSafe && value >= -kMaxSafe; }

// The levels' arrays, and those of int64_t before them.
struct Sizes {
  size_t axes, post, axis_level, text;

  explicit Sizes(const LayoutSpec& spec)
      : axes(static_cast<size_t>(spec.ndim) * sizeof(int64_t)),
        post(static_cast<size_t>(spec.levels.count - 1) * sizeof(int64_t)),
        axis_level(
            spec.levels.count > 1 ? static_cast<size_t>(spec.ndim) * sizeof(int32_t) : 0),
        text(std::strlen(spec.format) + 1) {}
  size_t all() const {
    return sizeof(Layout) + (post > 0 ? 3 : 2) * axes + post + axis_level + text;
  }
};

void copy(void* to, const void* from, size_t size) {
  if (size > 0) std::memcpy(to, from, size);
}

// Everything but strides, and what follows from the rest.
Layout* allocate(const LayoutSpec& spec) {
  const Sizes sizes(spec);
  auto* made = static_cast<Layout*>(std::malloc(sizes.all()));
  if (made == nullptr) return nullptr;
  made->refs = 1;
  made->ndim = spec.ndim;
  made->offset = spec.offset;
  made->itemsize = spec.itemsize;
  made->shape = reinterpret_cast<int64_t*>(made + 1);
  made->strides = made->shape + spec.ndim;
  made->levels = {};
  made->suboffsets = nullptr;
  int64_t* end = made->strides + spec.ndim;
  if (spec.levels.count > 1) {
    made->suboffsets = end;
    int64_t* post = end + spec.ndim;
    auto* axis_level = reinterpret_cast<int32_t*>(post + spec.levels.count - 1);
    copy(post, spec.levels.post, sizes.post);
    copy(axis_level, spec.levels.axis_level, sizes.axis_level);
    made->levels = {spec.levels.count, axis_level, post};
    end = reinterpret_cast<int64_t*>(reinterpret_cast<char*>(axis_level) +
                                     sizes.axis_level);
  }
  made->format = reinterpret_cast<char*>(end);
  copy(made->shape, spec.shape, sizes.axes);
  copy(made->format, spec.format, sizes.text);
  return made;
}
static_assert(sizeof(Layout) % alignof(int64_t) == 0, "axes follow the struct");

Status check_levels(const LayoutSpec& spec, Error* error) {
  const Levels& levels = spec.levels;
  if (levels.count < 1 || levels.count > NBUF_MAX_NDIM)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "%ld levels: expected 1 to %d",
                     static_cast<long>(levels.count), NBUF_MAX_NDIM);
  if (levels.count == 1) return NBUF_OK;
  if (levels.post == nullptr ||
      (spec.ndim > 0 && (levels.axis_level == nullptr || spec.strides == nullptr)))
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "an indirect layout needs axis levels, post-offsets and strides");
  for (int32_t i = 0; i < spec.ndim; i++)
    if (levels.axis_level[i] < 0 || levels.axis_level[i] >= levels.count)
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                       "axis %ld in level %ld: expected 0 to %ld", static_cast<long>(i),
                       static_cast<long>(levels.axis_level[i]),
                       static_cast<long>(levels.count - 1));
  for (int32_t i = 0; i + 1 < levels.count; i++)
    if (!is_safe(levels.post[i]))
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "post-offset %lld of level %ld",
                       static_cast<long long>(levels.post[i]), static_cast<long>(i));
  return NBUF_OK;
}

// PEP 3118 has the axes of one level before those of the next, and follows a pointer
// behind the last of them; a negative number says "no pointer" there.
bool say_suboffsets(const Layout& layout) {
  int32_t level = 0;
  for (int32_t i = 0; i < layout.ndim; i++) {
    const int32_t now = layout.levels.axis_level[i];
    if (now != level && (now != level + 1 || i == 0)) return false;
    layout.suboffsets[i] = -1;
    if (now == level + 1) {
      layout.suboffsets[i - 1] = layout.levels.post[level];
      level = now;
    }
  }
  // Without axes of its own, the last level starts right behind the last pointer.
  if (level + 2 == layout.levels.count && layout.ndim > 0)
    layout.suboffsets[layout.ndim - 1] = layout.levels.post[level++];
  for (int32_t i = 0; i + 1 < layout.levels.count; i++)
    if (layout.levels.post[i] < 0) return false;
  return level + 1 == layout.levels.count;
}

Status check_counts(const LayoutSpec& spec, Error* error) {
  if (spec.ndim < 0 || spec.ndim > NBUF_MAX_NDIM)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "ndim %ld: expected 0 to %d",
                     static_cast<long>(spec.ndim), NBUF_MAX_NDIM);
  if (spec.itemsize < 1)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "itemsize %lld: expected at least 1",
                     static_cast<long long>(spec.itemsize));
  return NBUF_OK;
}

Status count_bytes(const LayoutSpec& spec, int64_t* bytes, Error* error) {
  if (nbuf_layout_bytes_(spec.ndim, spec.shape, spec.itemsize, bytes)) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "negative extent or overflow in shape");
}

// Of a direct layout whose elements take `bytes` bytes.
Status check_bounds(const LayoutSpec& spec, int64_t bytes, int64_t block_size,
                    Error* error) {
  int64_t low, high;
  if (bytes == 0) {
    if (spec.offset >= 0 && spec.offset <= block_size) return NBUF_OK;
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "offset %lld of a block of %lld bytes",
                     static_cast<long long>(spec.offset),
                     static_cast<long long>(block_size));
  }
  if (!nbuf_layout_reach_(spec.ndim, spec.shape, spec.strides, nullptr, 0, &low, &high) ||
      !nbuf_add_(high, spec.itemsize, &high) || !nbuf_add_(low, spec.offset, &low) ||
      !nbuf_add_(high, spec.offset, &high))
    return nbuf_fail(error, NBUF_ERR_BOUNDS, "overflow in offset and strides");
  if (low < 0 || high > block_size)
    return nbuf_fail(error, NBUF_ERR_BOUNDS,
                     "elements at bytes [%lld, %lld) of a block of %lld bytes",
                     static_cast<long long>(low), static_cast<long long>(high),
                     static_cast<long long>(block_size));
  return NBUF_OK;
}

Status fill(Layout* made, const LayoutSpec& spec, Error* error) {
  const Status status = count_bytes(spec, &made->bytes, error);
  if (status != NBUF_OK) return status;
  if (spec.strides != nullptr && made->ndim > 0)
    std::memcpy(made->strides, spec.strides,
                static_cast<size_t>(made->ndim) * sizeof(int64_t));
  else
    nbuf_layout_c_strides_(made->ndim, made->shape, made->itemsize, made->strides);
  for (int32_t i = 0; i < made->ndim; i++) {
    const bool is_used = made->bytes > 0 && made->shape[i] > 1;
    if (!is_used && !is_safe(made->strides[i])) made->strides[i] = 0;
  }
  if (made->is_indirect()) {
    made->contiguity = 0;
    if (!say_suboffsets(*made)) made->suboffsets = nullptr;
  } else {
    made->contiguity =
        nbuf_layout_contiguity_(made->ndim, made->shape, made->strides, made->itemsize);
  }
  return NBUF_OK;
}

}  // namespace

Status make_unplaced_layout(const LayoutSpec& spec, Layout** out, Error* error) {
  *out = nullptr;
  Status status = check_counts(spec, error);
  if (status == NBUF_OK) status = check_levels(spec, error);
  if (status == NBUF_OK) status = check_format(spec.format, spec.itemsize, error);
  if (status != NBUF_OK) return status;
  Layout* made = allocate(spec);
  if (made == nullptr) return out_of_memory(error);
  status = fill(made, spec, error);
  if (status == NBUF_OK)
    *out = made;
  else
    free_layout(made);
  return status;
}

Status check_direct(const Layout& layout, int64_t block_size, Error* error) {
  if (layout.is_indirect())
    return nbuf_fail(error, NBUF_ERR_BOUNDS,
                     "a layout with pointers, but the memory has no table of them");
  return check_bounds(layout.spec(), layout.bytes, block_size, error);
}

Status check_layout(const LayoutSpec& spec, int64_t block_size, Error* error) {
  int64_t bytes;
  Status status = check_counts(spec, error);
  if (status == NBUF_OK && spec.levels.count != 1)
    status = nbuf_fail(error, NBUF_ERR_BOUNDS, "a layout with pointers over plain bytes");
  if (status == NBUF_OK && spec.ndim > 0 && spec.strides == nullptr)
    status = nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "no strides");
  if (status == NBUF_OK) status = count_bytes(spec, &bytes, error);
  return status == NBUF_OK ? check_bounds(spec, bytes, block_size, error) : status;
}

Status make_layout(const LayoutSpec& spec, int64_t block_size, Layout** out,
                   Error* error) {
  Status status = make_unplaced_layout(spec, out, error);
  if (status == NBUF_OK) status = check_direct(**out, block_size, error);
  if (status != NBUF_OK && *out != nullptr) {
    free_layout(*out);
    *out = nullptr;
  }
  return status;
}

Layout* copy_layout(const Layout& layout) {
  Layout* made = allocate(layout.spec());
  if (made == nullptr) return nullptr;
  made->contiguity = layout.contiguity;
  made->bytes = layout.bytes;
  const size_t axes = static_cast<size_t>(layout.ndim) * sizeof(int64_t);
  copy(made->strides, layout.strides, axes);
  if (layout.suboffsets != nullptr)
    copy(made->suboffsets, layout.suboffsets, axes);
  else
    made->suboffsets = nullptr;
  return made;
}

void free_layout(Layout* layout) { std::free(layout); }

}  // namespace nbuf::core
