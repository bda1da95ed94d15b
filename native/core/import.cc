// A peer's provider becomes one of ours: every field verified, the layout copied.
#include "assembly.h"

namespace nbuf::core {
namespace {

// The block that holds every element: nbuf_validate has found that there is one.
const nbuf_block* element_block(const nbuf_provider& p, const LayoutSpec& spec) {
  int64_t low = 0, high = 0;
  int64_t c_strides[NBUF_MAX_NDIM];
  const int64_t* strides = spec.strides;
  if (strides == nullptr) {
    nbuf_layout_c_strides_(spec.ndim, spec.shape, spec.itemsize, c_strides);
    strides = c_strides;
  }
  if (!nbuf_layout_reach_(spec.ndim, spec.shape, strides, nullptr, 0, &low, &high))
    return nullptr;
  for (int32_t i = 0; i < p.block_count; i++) {
    nbuf_provider one = {};  // not a copy: an older peer's is shorter
    one.blocks = &p.blocks[i];
    one.block_count = 1;
    if (nbuf_in_block_(&one, p.buf, low, high + spec.itemsize, 0)) return one.blocks;
  }
  return nullptr;
}

// What was not requested is NULL; elements are then read as PEP 3118 says.
LayoutSpec effective_spec(const nbuf_provider& p) {
  LayoutSpec spec;
  if (p.shape == nullptr && p.ndim > 0) {
    spec.ndim = 1;
    spec.shape = &p.len;
    return spec;
  }
  spec.ndim = p.ndim;
  spec.shape = p.shape;
  spec.strides = p.strides;
  spec.itemsize = p.itemsize;
  if (p.format != nullptr) spec.format = p.format;
  return spec;
}

// Levels or suboffsets; a level without axes, too. Suboffsets < 0 say nothing.
Status read_levels(const nbuf_provider& p, nbuf_walk_* walk, LayoutSpec* spec,
                   Error* error) {
  if (p.shape == nullptr && p.ndim > 0) return NBUF_OK;
  walk->strides = p.strides;
  Status status = nbuf_walk_init_(walk, &p, error);
  if (status == NBUF_OK) spec->levels = {walk->levels, walk->axis_level, walk->post};
  return status;
}

// The memory around the first element, or the first pointer, and where that is in it.
// Takes over a reference of the provider on success.
Status take_memory(nbuf_provider* foreign, LayoutSpec* spec, Memory** out, Error* error) {
  if (spec->levels.count > 1) return make_foreign_assembly(foreign, spec, out, error);
  nbuf_block block = {nullptr, 0, 0, 0, 0};
  if (foreign->len > 0) {
    const nbuf_block* found = element_block(*foreign, *spec);
    if (found == nullptr)
      return nbuf_fail(error, NBUF_ERR_BOUNDS, "elements in no single block");
    block = *found;
    spec->offset = static_cast<char*>(foreign->buf) - static_cast<char*>(block.base);
  }
  return make_foreign_memory(foreign, block, out, error);
}

Status wrap(nbuf_provider* foreign, const nbuf_request* request, Provider** out,
            Error* error) {
  LayoutSpec spec = effective_spec(*foreign);
  nbuf_walk_ walk;  // its arrays are the spec's
  Memory* memory;
  Status status = read_levels(*foreign, &walk, &spec, error);
  if (status == NBUF_OK) status = take_memory(foreign, &spec, &memory, error);
  if (status != NBUF_OK) return status;
  foreign->ops->retain(foreign);  // the memory's; the caller still has theirs
  status = provide_memory(memory, spec, 0, request, nullptr, out, error);
  if (status != NBUF_OK) {
    release(memory);
    return status;
  }
  Provider* made = *out;
  made->foreign = foreign;
  made->foreign_layout.store((request->flags & NBUF_LAYOUT_SNAPSHOT) == 0,
                             std::memory_order_relaxed);
  // itemsize stays the original one where the bytes are looked at one by one; with a
  // shape it would be a lie, should a peer leave out a shape that was requested.
  if (made->pub.shape == nullptr) made->pub.itemsize = foreign->itemsize;
  return NBUF_OK;
}

}  // namespace

Status import_provider(nbuf_provider* foreign, const nbuf_request* request,
                       Provider** out, Error* error) {
  *out = nullptr;
  Status status = nbuf_validate(foreign, error);
  if (status == NBUF_OK) status = wrap(foreign, request, out, error);
  // A provider too broken to be trusted with its own ops is leaked rather than called.
  const bool can_release = foreign != nullptr && NBUF_HAS(foreign, ops) &&
                           foreign->ops != nullptr && NBUF_HAS(foreign->ops, release) &&
                           foreign->ops->release != nullptr;
  if (can_release) foreign->ops->release(foreign);
  return status;
}

}  // namespace nbuf::core
