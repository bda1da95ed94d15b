// Layouts over memory that may have pointers.
#include "layout.h"
#include "memory.h"
#include "pointer_walk.h"

namespace nbuf::core {
namespace {

Status check_place(const Layout& layout, const Memory& memory, Error* error) {
  const int64_t table_size = memory.block.size;
  if (!is_indirect(memory)) return check_direct(layout, memory.block.size, error);
  if (layout.bytes > 0 && layout.is_indirect())
    return check_pointers(layout, memory, error);
  if (layout.bytes > 0)
    return nbuf_fail(error, NBUF_ERR_BOUNDS,
                     "elements in a table of pointers: take a part of the array");
  if (layout.offset >= 0 && layout.offset <= table_size) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_BOUNDS, "offset %lld of a table of %lld bytes",
                   static_cast<long long>(layout.offset),
                   static_cast<long long>(table_size));
}

}  // namespace

Status make_layout(const LayoutSpec& spec, const Memory& memory, Layout** out,
                   Error* error) {
  Status status = make_unplaced_layout(spec, out, error);
  if (status == NBUF_OK) status = check_place(**out, memory, error);
  if (status != NBUF_OK && *out != nullptr) {
    free_layout(*out);
    *out = nullptr;
  }
  return status;
}

Status check_layout(const LayoutSpec& spec, const Memory& memory, Error* error) {
  if (spec.levels.count == 1 && !is_indirect(memory))
    return check_layout(spec, memory.block.size, error);
  Layout* made;
  const Status status = make_layout(spec, memory, &made, error);
  if (status == NBUF_OK) free_layout(made);
  return status;
}

}  // namespace nbuf::core
