#include "layout_algebra.h"

namespace nbuf::core {
namespace {

Status out_of_range(Error* error, const char* what, int64_t found) {
  return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE, "%s: %lld", what,
                   static_cast<long long>(found));
}

bool is_empty(const Axes& axes) {
  for (int32_t i = 0; i < axes.ndim; i++)
    if (axes.shape[i] == 0) return true;
  return false;
}

// Inclusive start and number of steps of a Python slice over `extent` elements.
struct Steps {
  int64_t start, count;
};

int64_t clip(int64_t value, int64_t extent, int64_t low, int64_t high) {
  if (value < 0) value = value < -extent ? low : value + extent;
  return value < low ? low : value > high ? high : value;
}

Steps steps_of(const Select& s, int64_t extent) {
  const bool forward = s.step > 0;
  const int64_t low = forward ? 0 : -1, high = forward ? extent : extent - 1;
  const int64_t start = s.has_start ? clip(s.start, extent, low, high)
                        : forward   ? low
                                    : high;
  const int64_t stop = s.has_stop ? clip(s.stop, extent, low, high)
                       : forward  ? high
                                  : low;
  const int64_t span = forward ? stop - start : start - stop;
  if (span <= 0) return {start, 0};
  // -step overflows for INT64_MIN, whose magnitude exceeds every span anyway.
  const int64_t size = forward ? s.step : s.step == INT64_MIN ? INT64_MAX : -s.step;
  return {start, 1 + (span - 1) / size};
}

struct Slicer {
  const Axes& from;
  Axes* out;
  int64_t moved[NBUF_MAX_NDIM] = {0};  // bytes in each level, if something is left
  int32_t axis = 0;

  // In which an axis here moves, or a new one in front of it.
  int32_t level() const {
    return axis < from.ndim && from.levels > 1 ? from.axis_level[axis] : from.levels - 1;
  }

  // Cannot overflow inside a block; but axes of an empty layout may have any stride.
  Status advance(int64_t index, Error* error) {
    int64_t bytes;
    if (is_empty(from)) return NBUF_OK;
    int64_t* sum = &moved[level()];
    if (nbuf_mul_(index, from.strides[axis], &bytes) && nbuf_add_(*sum, bytes, sum))
      return NBUF_OK;
    return out_of_range(error, "overflow in offset, index", index);
  }
  void keep(int64_t extent, int64_t stride) {
    out->shape[out->ndim] = extent;
    out->axis_level[out->ndim] = level();
    out->strides[out->ndim++] = stride;
  }
  // The offset of level 0, and of the others what is added before them.
  Status apply(Error* error) {
    if (is_empty(*out)) return NBUF_OK;
    for (int32_t i = 0; i < from.levels; i++) {
      int64_t* at = i == 0 ? &out->offset : &out->post[i - 1];
      if (!nbuf_add_(*at, moved[i], at))
        return out_of_range(error, "overflow in offset", from.offset);
    }
    return NBUF_OK;
  }
  Status add(const Select& s, Error* error) {
    const int64_t extent = from.shape[axis], stride = from.strides[axis];
    if (s.kind == Select::Kind::index) {
      const int64_t index = s.start < 0 ? s.start + extent : s.start;
      if (index < 0 || index >= extent) return out_of_range(error, "index", s.start);
      if (advance(index, error) != NBUF_OK) return NBUF_ERR_OUT_OF_RANGE;
    } else if (s.kind == Select::Kind::all) {
      keep(extent, stride);
    } else {
      if (s.step == 0) return out_of_range(error, "step", 0);
      const Steps steps = steps_of(s, extent);
      // Only a walk of two or more elements has a stride that stays inside the block.
      int64_t step;
      if (!nbuf_mul_(stride, s.step, &step)) step = 0;
      if (steps.count > 0 && advance(steps.start, error) != NBUF_OK)
        return NBUF_ERR_OUT_OF_RANGE;
      keep(steps.count, step);
    }
    axis++;
    return NBUF_OK;
  }
};

}  // namespace

Status slice(const Axes& from, const Select* selection, int32_t count, Axes* out,
             Error* error) {
  int32_t used = 0, added = 0, ellipses = 0;
  for (int32_t i = 0; i < count; i++) {
    const Select::Kind kind = selection[i].kind;
    ellipses += kind == Select::Kind::ellipsis;
    used += kind != Select::Kind::ellipsis && kind != Select::Kind::newaxis;
    added += kind == Select::Kind::newaxis;
    added -= kind == Select::Kind::index;
  }
  if (ellipses > 1) return out_of_range(error, "ellipses", ellipses);
  if (used > from.ndim) return out_of_range(error, "too many indices", used);
  if (from.ndim + added > NBUF_MAX_NDIM)
    return out_of_range(error, "axes", from.ndim + added);
  *out = from.frame();
  Slicer slicer{from, out};
  const Select all{Select::Kind::all};
  Status status = NBUF_OK;
  for (int32_t i = 0; i < count && status == NBUF_OK; i++) {
    if (selection[i].kind == Select::Kind::newaxis)
      slicer.keep(1, 0);
    else if (selection[i].kind == Select::Kind::ellipsis)
      for (int32_t k = used; k < from.ndim; k++) slicer.add(all, error);
    else
      status = slicer.add(selection[i], error);
  }
  while (status == NBUF_OK && slicer.axis < from.ndim) status = slicer.add(all, error);
  return status == NBUF_OK ? slicer.apply(error) : status;
}

Status transpose(const Axes& from, const int32_t* axes, Axes* out, Error* error) {
  bool seen[NBUF_MAX_NDIM] = {false};
  *out = from;
  for (int32_t i = 0; i < from.ndim; i++) {
    const int32_t given = axes != nullptr ? axes[i] : from.ndim - 1 - i;
    const int32_t axis = given < 0 ? given + from.ndim : given;
    if (axis < 0 || axis >= from.ndim || seen[axis])
      return out_of_range(error, "axis", given);
    seen[axis] = true;
    out->shape[i] = from.shape[axis];
    out->strides[i] = from.strides[axis];
    out->axis_level[i] = from.axis_level[axis];
  }
  return NBUF_OK;
}

namespace {

// Fills in a -1 and compares the number of elements.
Status complete_shape(const Axes& from, int32_t ndim, const int64_t* shape, int64_t* out,
                      Error* error) {
  int64_t size, known = 1;
  int32_t open = -1;
  if (!nbuf_layout_bytes_(from.ndim, from.shape, 1, &size))
    return out_of_range(error, "overflow in shape of axes", from.ndim);
  for (int32_t i = 0; i < ndim; i++) {
    out[i] = shape[i];
    if (shape[i] == -1 && open < 0)
      open = i;
    else if (shape[i] < 0 || !nbuf_mul_(known, shape[i], &known))
      return out_of_range(error, "extent", shape[i]);
  }
  if (open >= 0) {
    if (known == 0 || size % known != 0)
      return out_of_range(error, "elements for -1", size);
    out[open] = size / known;
    known = size;
  }
  if (known != size) return out_of_range(error, "elements", known);
  // Extents beside a 0 may still be too many to count, wherever the 0 stands.
  return nbuf_layout_bytes_(ndim, out, from.itemsize, &size)
             ? NBUF_OK
             : out_of_range(error, "overflow in shape of axes", ndim);
}

// NumPy's rule: groups of old axes whose strides chain become groups of new ones.
bool chain_strides(const Axes& from, Axes* out) {
  int64_t shape[NBUF_MAX_NDIM], strides[NBUF_MAX_NDIM];
  int32_t level[NBUF_MAX_NDIM], n = 0;
  for (int32_t i = 0; i < from.ndim; i++) {
    if (from.shape[i] == 1) continue;
    shape[n] = from.shape[i];
    level[n] = from.levels > 1 ? from.axis_level[i] : 0;
    strides[n++] = from.strides[i];
  }
  int32_t o = 0, k = 0;
  while (o < n && k < out->ndim) {
    int64_t olds = shape[o], news = out->shape[k];
    int32_t o_end = o + 1, k_end = k + 1;
    while (olds != news) {
      if (news < olds)
        news *= out->shape[k_end++];
      else
        olds *= shape[o_end++];
    }
    for (int32_t i = o; i + 1 < o_end; i++) {
      int64_t step;
      if (!nbuf_mul_(shape[i + 1], strides[i + 1], &step) || strides[i] != step ||
          level[i] != level[i + 1])
        return false;
    }
    out->strides[k_end - 1] = strides[o_end - 1];
    for (int32_t i = k; i < k_end; i++) out->axis_level[i] = level[o];
    // Only the stride of an axis of one element can overflow; it stays 0.
    for (int32_t i = k_end - 1; i > k; i--)
      nbuf_mul_(out->strides[i], out->shape[i], &out->strides[i - 1]);
    o = o_end;
    k = k_end;
  }
  const int64_t last = k > 0 ? out->strides[k - 1] : from.itemsize;
  for (; k < out->ndim; k++) {
    out->strides[k] = last;
    out->axis_level[k] = from.levels - 1;
  }
  return true;
}

}  // namespace

Status reshape(const Axes& from, int32_t ndim, const int64_t* shape, Axes* out,
               Error* error) {
  if (ndim < 0 || ndim > NBUF_MAX_NDIM) return out_of_range(error, "axes", ndim);
  *out = from.frame();
  out->ndim = ndim;
  Status status = complete_shape(from, ndim, shape, out->shape, error);
  if (status != NBUF_OK) return status;
  if (is_empty(*out)) {
    nbuf_layout_c_strides_(ndim, out->shape, out->itemsize, out->strides);
    for (int32_t i = 0; i < ndim; i++) out->axis_level[i] = from.levels - 1;
    return NBUF_OK;
  }
  if (!chain_strides(from, out))
    return nbuf_fail(error, NBUF_ERR_CONTIGUITY, "reshape would have to copy");
  return NBUF_OK;
}

Status broadcast(const Axes& from, int32_t ndim, const int64_t* shape, Axes* out,
                 Error* error) {
  if (ndim < from.ndim || ndim > NBUF_MAX_NDIM) return out_of_range(error, "axes", ndim);
  *out = from.frame();
  out->ndim = ndim;
  int64_t bytes;
  for (int32_t i = 0; i < ndim; i++) {
    const int32_t old = i - (ndim - from.ndim);
    out->shape[i] = shape[i];
    out->axis_level[i] = from.ndim > 0 ? from.axis_level[old < 0 ? 0 : old] : 0;
    if (shape[i] < 0) return out_of_range(error, "extent", shape[i]);
    if (old < 0 || from.shape[old] == 1) continue;
    if (from.shape[old] != shape[i]) return out_of_range(error, "extent", shape[i]);
    out->strides[i] = from.strides[old];
  }
  if (!nbuf_layout_bytes_(ndim, out->shape, out->itemsize, &bytes))
    return out_of_range(error, "overflow in shape of axes", ndim);
  return NBUF_OK;
}

}  // namespace nbuf::core
