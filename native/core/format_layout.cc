#include "format.h"
#include "format_names.h"
#include "format_numpy.h"

#include <cwchar>

namespace nbuf::core {
namespace {

// How the writer of a format meant padding, and 'u'.
struct Rules {
  // ctypes before Python 3.12 leaves all padding out and means C's.
  bool c_alignment = false;
  // ctypes writes 'u' for wchar_t, whatever size that has.
  bool wide_u = false;
};

struct Extent {
  int64_t size = 0;   // with the trailing padding of nested records
  int64_t tight = 0;  // up to the end of the last item
  int64_t align = 1;
};

class Layouter {
 public:
  Layouter(FormatTree* tree, Rules rules) : tree_(tree), rules_(rules) {}

  // False: more than kMaxFormatSize bytes.
  bool run() {
    Extent all;
    if (!list(tree_->first, &all)) return false;
    tree_->size = all.tight;
    tree_->itemsize = all.size;
    tree_->align = all.align;
    return true;
  }

 private:
  bool list(int32_t first, Extent* out);
  bool measure(FormatNode* node, Extent* inner);
  bool measure_record(FormatNode* node, Extent* inner);
  bool place(FormatNode* node, const Extent& inner, Extent* all);
  bool place_bits(FormatNode* node, Extent* all);

  FormatTree* const tree_;
  const Rules rules_;
  int64_t bits_ = 0;  // of t items in front that are not in the size yet
};

bool round_up(int64_t* offset, int64_t align) {
  const int64_t rest = *offset % align;
  if (rest != 0) *offset += align - rest;
  return *offset <= kMaxFormatSize;
}

bool multiply(int64_t a, int64_t b, int64_t* out) {
  if (b != 0 && a > kMaxFormatSize / b) return false;
  *out = a * b;
  return true;
}

bool add(int64_t more, int64_t* sum) {
  *sum += more;  // both are at most 2^53
  return *sum <= kMaxFormatSize;
}

// The product of the extents; one of 0 does not hide an overflow.
bool measure_dims(const FormatTree& tree, FormatNode* node) {
  int64_t product = 1;
  bool is_empty = false;
  for (int32_t k = 0; k < node->ndim; k++) {
    const int64_t extent = tree.dims[node->first_dim + k];
    if (extent == 0)
      is_empty = true;
    else if (!multiply(product, extent, &product))
      return false;
  }
  node->repeat = is_empty ? 0 : product;
  return true;
}

bool Layouter::list(int32_t first, Extent* out) {
  for (int32_t i = first; i >= 0; i = tree_->nodes[i].next) {
    FormatNode* node = &tree_->nodes[i];
    Extent inner;
    if (!measure(node, &inner)) return false;
    if (!place(node, inner, out)) return false;
  }
  const int64_t bytes = (bits_ + 7) / 8;
  bits_ = 0;
  if (bytes > 0) out->tight = out->size + bytes;
  return add(bytes, &out->size);
}

bool Layouter::measure_record(FormatNode* node, Extent* inner) {
  const int64_t bits = bits_;
  bits_ = 0;
  const bool fits = list(node->child, inner);
  bits_ = bits;
  if (!fits) return false;
  const bool aligns = node->aligns || rules_.c_alignment;
  node->align = aligns ? inner->align : 1;
  node->itemsize = inner->size;
  return round_up(&node->itemsize, node->align);
}

bool Layouter::measure(FormatNode* node, Extent* inner) {
  if (!measure_dims(*tree_, node)) return false;
  if (node->type == 'T') return measure_record(node, inner);
  if (node->child >= 0) {
    // What a pointer points at has a layout of its own, which takes no place here.
    const int64_t bits = bits_;
    Extent target;
    bits_ = 0;
    if (!list(node->child, &target)) return false;
    bits_ = bits;
  }
  const bool is_wide = node->type == 'u' && rules_.wide_u;
  int64_t unit = is_wide ? sizeof(wchar_t) : node->type == 'u' ? 2 : node->unit;
  const int64_t align = is_wide ? alignof(wchar_t) : node->native_align;
  node->align = node->aligns || rules_.c_alignment ? align : 1;
  if (node->type == 'u') node->unit = unit;  // as these rules have it
  return multiply(unit, node->is_complex ? 2 : 1, &unit) &&
         multiply(unit, node->count, &node->itemsize);
}

// Bits share bytes with the bits in front of them.
bool Layouter::place_bits(FormatNode* node, Extent* all) {
  node->offset = all->size + bits_ / 8;
  node->bit = static_cast<uint8_t>(bits_ % 8);
  int64_t count;
  if (!multiply(node->count, node->repeat, &count)) return false;
  node->itemsize = (node->bit + node->count + 7) / 8;
  return add(count, &bits_);
}

bool Layouter::place(FormatNode* node, const Extent& inner, Extent* all) {
  if (node->type == 't') return place_bits(node, all);
  if (!add((bits_ + 7) / 8, &all->size)) return false;
  bits_ = 0;
  if (!round_up(&all->size, node->align)) return false;
  if (node->align > all->align) all->align = node->align;
  node->offset = all->size;
  int64_t total;
  if (!multiply(node->itemsize, node->repeat, &total) || !add(total, &all->size))
    return false;
  all->tight = all->size;
  if (node->type == 'T' && node->repeat > 0) {
    all->tight -= node->itemsize - inner.tight;
  }
  return true;
}

// A lone record or character is all that ctypes says of a structure or c_wchar.
bool is_lone(const FormatTree& tree, char type) {
  if (tree.first < 0) return false;
  const FormatNode& first = tree.nodes[tree.first];
  return first.next < 0 && first.name < 0 && first.type == type;
}

bool may_be_ctypes(const FormatTree& tree) {
  return tree.all_marked && (is_lone(tree, 'T') || is_lone(tree, 'u'));
}

bool fits_exactly(FormatTree* tree, Rules rules, int64_t itemsize) {
  return Layouter(tree, rules).run() && tree->itemsize == itemsize;
}

// 'u' is always wchar_t there, so that comes first; padding is written since Python 3.12.
bool lay_out_as_ctypes(FormatTree* tree, int64_t itemsize) {
  if (tree->has_padding) return fits_exactly(tree, {false, true}, itemsize);
  return fits_exactly(tree, {true, true}, itemsize) ||
         fits_exactly(tree, {false, true}, itemsize) ||
         fits_exactly(tree, {true, false}, itemsize);
}

Status refuse_ctypes(const char* text, int64_t needed, int64_t itemsize, Error* error) {
  return nbuf_fail(
      error, NBUF_ERR_FORMAT,
      "format '%.*s': expected %lld bytes, itemsize is %lld (ctypes writes a "
      "union or packed structure as B)",
      excerpt_length(text), text, static_cast<long long>(needed),
      static_cast<long long>(itemsize));
}

Status refuse_numpy(const char* text, Error* error) {
  return nbuf_fail(error, NBUF_ERR_FORMAT,
                   "format '%.*s': expected explicit padding in sub-arrays of records, "
                   "found none (NumPy leaves it out)",
                   excerpt_length(text), text);
}

}  // namespace

Status lay_out(FormatTree* tree, const char* text, int64_t itemsize, Error* error) {
  if (!Layouter(tree, {}).run())
    return nbuf_fail(error, NBUF_ERR_FORMAT,
                     "format '%.*s': expected less than 2^53 bytes, found more",
                     excerpt_length(text), text);
  if (itemsize == 0) return NBUF_OK;
  const bool is_exact = tree->itemsize == itemsize, is_enough = tree->size <= itemsize;
  const int64_t needed = tree->size;
  // A text with single x's has no other known writer than NumPy; and its own exact
  // readings aside, C's would leave trailing padding out, which is what NumPy does.
  NumpyFit numpy = NumpyFit::no;
  if (tree->has_spelled) numpy = lay_out_as_numpy(tree, itemsize);
  if (numpy == NumpyFit::sure) return NBUF_OK;
  if (!is_exact) {
    if (may_be_ctypes(*tree) && lay_out_as_ctypes(tree, itemsize)) return NBUF_OK;
    if (tree->has_bare && !tree->has_padding && is_lone(*tree, 'T'))
      return refuse_ctypes(text, needed, itemsize, error);
    if (!tree->has_spelled) numpy = lay_out_as_numpy(tree, itemsize);
    if (numpy == NumpyFit::sure) return NBUF_OK;
    if (numpy == NumpyFit::open && (tree->has_spelled || !is_enough))
      return refuse_numpy(text, error);
  }
  Layouter(tree, {}).run();
  if (is_enough) return NBUF_OK;
  return nbuf_fail(error, NBUF_ERR_FORMAT,
                   "format '%.*s' takes %lld bytes, itemsize is %lld",
                   excerpt_length(text), text, static_cast<long long>(needed),
                   static_cast<long long>(itemsize));
}

Status check_format(const char* text, int64_t itemsize, Error* error) {
  FormatTree tree;
  if (read_format(text, &tree, nullptr) != NBUF_OK) return NBUF_OK;
  // Where it fits but leaves open what its writer meant, elements are opaque.
  if (Layouter(&tree, {}).run() && tree.size <= itemsize) return NBUF_OK;
  return lay_out(&tree, text, itemsize, error);
}

}  // namespace nbuf::core
