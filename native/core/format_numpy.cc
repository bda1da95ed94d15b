// Record formats as NumPy writes them: all padding between items is spelled out as single
// x's, none of it is implied, and a record's trailing padding stands behind it or
// nowhere. Where items lie is therefore a plain sum. Only the stride of a sub-array of
// records is not in the text: it is the aligned size of the record, or the sum of its
// items, or unknown.
#include "format_numpy.h"

namespace nbuf::core {
namespace {

bool is_padding(const FormatNode& node) { return node.type == 'x' && node.name < 0; }

struct Record {
  int64_t written = 0;  // the sum of its items
  int64_t full = 0;     // with trailing padding as align=True has it
  int64_t align = 1;    // of its items, whatever their byte order
  bool is_tidy = true;  // every item is aligned within it
  bool fits = true;     // below kMaxFormatSize
};

class NumpyLayouter {
 public:
  explicit NumpyLayouter(FormatTree* tree) : tree_(tree) {}

  NumpyFit run(int64_t itemsize) {
    FormatNode* whole = &tree_->nodes[tree_->first];
    const Record all = measure(whole->child, 0);
    if (!is_numpy_ || !all.fits || all.written > itemsize) return NumpyFit::no;
    place(whole->child, 0, itemsize, all.align);
    whole->itemsize = tree_->itemsize = itemsize;
    tree_->size = all.written;
    return is_sure_ ? NumpyFit::sure : NumpyFit::open;
  }

 private:
  Record measure(int32_t first, int64_t base);
  bool is_plausible(const FormatNode& node, int64_t at) const;
  void add(const FormatNode& node, const Record& inner, Record* all) const;
  int64_t room_of(const FormatNode& node, int64_t room, int64_t* align) const;
  void place(int32_t first, int64_t base, int64_t room, int64_t align);
  void place_record(FormatNode* node, int64_t base, int64_t room, int64_t align);

  FormatTree* const tree_;
  bool is_numpy_ = true, is_sure_ = true;
};

// NumPy names every item, and writes '@' only where an item is aligned.
bool NumpyLayouter::is_plausible(const FormatNode& node, int64_t at) const {
  if (is_padding(node)) return node.spelled;
  if (node.name < 0 || node.type == '&' || node.type == 'X' || node.type == 't' ||
      node.type == 'p' || node.type == 'u')
    return false;
  return node.type == 'T' || !node.aligns || at % node.native_align == 0;
}

// Also sets the offsets, from the start of the record.
Record NumpyLayouter::measure(int32_t first, int64_t base) {
  Record all;
  for (int32_t i = first; i >= 0 && is_numpy_ && all.fits; i = tree_->nodes[i].next) {
    FormatNode* node = &tree_->nodes[i];
    node->offset = all.written;
    if (!is_plausible(*node, base + node->offset)) is_numpy_ = false;
    Record inner;
    if (node->type == 'T') {
      inner = measure(node->child, base + node->offset);
      node->native_align = static_cast<int8_t>(inner.align);
    } else {
      // Several x's are one node here.
      inner.written = inner.full = is_padding(*node) ? node->count : node->itemsize;
      inner.align = node->native_align;
    }
    add(*node, inner, &all);
  }
  all.full += (all.align - all.full % all.align) % all.align;
  return all;
}

void NumpyLayouter::add(const FormatNode& node, const Record& inner, Record* all) const {
  if (!inner.is_tidy || node.offset % inner.align != 0) all->is_tidy = false;
  if (inner.align > all->align) all->align = inner.align;
  if (!inner.fits || (inner.full > 0 && node.repeat > kMaxFormatSize / inner.full)) {
    all->fits = false;
    return;
  }
  if (node.repeat > 0) all->full = node.offset + inner.full * node.repeat;
  all->written = node.offset + inner.written * node.repeat;
  all->fits = all->full <= kMaxFormatSize;
}

// Up to the next item, which is aligned to `*align`, or to the end of the record.
int64_t NumpyLayouter::room_of(const FormatNode& node, int64_t room,
                               int64_t* align) const {
  for (int32_t i = node.next; i >= 0; i = tree_->nodes[i].next) {
    const FormatNode& next = tree_->nodes[i];
    if (is_padding(next)) continue;
    *align = next.native_align;
    if (next.offset % *align != 0) *align = 1;
    return next.offset - node.offset;
  }
  return room - node.offset;
}

void NumpyLayouter::place(int32_t first, int64_t base, int64_t room, int64_t align) {
  for (int32_t i = first; i >= 0; i = tree_->nodes[i].next)
    if (tree_->nodes[i].type == 'T') place_record(&tree_->nodes[i], base, room, align);
}

void NumpyLayouter::place_record(FormatNode* node, int64_t base, int64_t room,
                                 int64_t align) {
  base += node->offset;
  const Record inner = measure(node->child, base);
  const int64_t own = room_of(*node, room, &align);
  const int64_t repeat = node->repeat > 0 ? node->repeat : 1;
  const bool is_full = inner.is_tidy && inner.full <= own / repeat;
  node->itemsize = is_full || node->repeat == 0 ? inner.full
                   : repeat == 1                ? own
                                                : inner.written;
  // Neither alignment nor a lack of room for any other stride says that this one is
  // right.
  if (repeat > 1 && inner.full > 0 && own - node->itemsize * repeat >= align &&
      own - inner.written * repeat >= repeat)
    is_sure_ = false;
  const bool was_sure = is_sure_;
  place(node->child, base, node->itemsize, inner.align);
  if (node->repeat == 0) is_sure_ = was_sure;  // nobody will read them
}

}  // namespace

NumpyFit lay_out_as_numpy(FormatTree* tree, int64_t itemsize) {
  if (tree->first < 0) return NumpyFit::no;
  const FormatNode& lone = tree->nodes[tree->first];
  if (lone.type != 'T' || lone.next >= 0 || lone.name >= 0 || lone.ndim > 0)
    return NumpyFit::no;
  return NumpyLayouter(tree).run(itemsize);
}

}  // namespace nbuf::core
