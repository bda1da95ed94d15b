#include "surface.h"

#include <cstring>

namespace nbuf::core {
namespace {

void read_levels(const nbuf_walk_& walk, Surface* out) {
  if (walk.levels < 2) {
    out->side.levels = {};
    return;
  }
  for (int32_t i = 0; i < out->ndim; i++) out->axis_level[i] = walk.axis_level[i];
  for (int32_t i = 0; i + 1 < walk.levels; i++) out->post[i] = walk.post[i];
  out->side.levels = {walk.levels, out->axis_level, out->post};
}

}  // namespace

Status Surface::read(const nbuf_provider* p, Error* error) {
  Status status = nbuf_validate(p, error);
  if (status != NBUF_OK) return status;
  const bool is_flat = p->shape == nullptr && p->ndim > 0;
  ndim = p->ndim;
  itemsize = is_flat ? 1 : p->itemsize;
  bytes = p->len;
  for (int32_t i = 0; i < ndim; i++) shape[i] = is_flat ? p->len : p->shape[i];
  if (p->strides == nullptr)
    nbuf_layout_c_strides_(ndim, shape, itemsize, strides);
  else
    for (int32_t i = 0; i < ndim; i++) strides[i] = p->strides[i];
  nbuf_walk_ walk;
  status = nbuf_walk_init_(&walk, p, error);
  if (status != NBUF_OK) return status;
  side.first = static_cast<char*>(p->buf);
  side.strides = strides;
  read_levels(walk, this);
  return NBUF_OK;
}

Status Surface::broadcast_to(const Surface& other, Error* error) {
  const int32_t added = other.ndim - ndim;
  if (added < 0)
    return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                     "%ld axes do not broadcast to %ld: remove the first ones",
                     static_cast<long>(ndim), static_cast<long>(other.ndim));
  for (int32_t i = other.ndim; i-- > 0;) {  // backwards: axes move up in the same arrays
    const int32_t from = i - added;
    const bool repeats = from < 0 || (shape[from] == 1 && other.shape[i] != 1);
    if (!repeats && shape[from] != other.shape[i])
      return nbuf_fail(error, NBUF_ERR_OUT_OF_RANGE,
                       "axis %ld: an extent of %lld does not broadcast to %lld",
                       static_cast<long>(i), static_cast<long long>(shape[from]),
                       static_cast<long long>(other.shape[i]));
    strides[i] = repeats ? 0 : strides[from];
    shape[i] = other.shape[i];
    // An axis that stands still may be of any level.
    if (side.levels.count > 1) axis_level[i] = from < 0 ? 0 : axis_level[from];
  }
  ndim = other.ndim;
  bytes = other.bytes;
  return NBUF_OK;
}

Status check_no_table(const nbuf_provider& provider, const void* base, int64_t size,
                      Error* error) {
  nbuf_block written;
  std::memset(&written, 0, sizeof written);
  written.base = const_cast<void*>(base);
  written.size = size;
  for (int32_t i = 0; i < provider.block_count; i++)
    if (nbuf_is_table_(&provider.blocks[i]) &&
        nbuf_overlaps_(&provider.blocks[i], &written))
      return nbuf_fail(error, NBUF_ERR_ABI,
                       "the destination overlaps blocks[%ld], a pointer table of the "
                       "source",
                       static_cast<long>(i));
  return NBUF_OK;
}

Status check_no_table(const nbuf_provider& provider, const nbuf_provider& writes,
                      Error* error) {
  Status status = NBUF_OK;
  for (int32_t i = 0; status == NBUF_OK && i < writes.block_count; i++)
    if (!nbuf_is_table_(&writes.blocks[i]))
      status =
          check_no_table(provider, writes.blocks[i].base, writes.blocks[i].size, error);
  return status;
}

}  // namespace nbuf::core
