#include "format.h"
#include "format_names.h"
#include "format_types.h"

namespace nbuf::core {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_padding(const FormatNode& node) { return node.type == 'x' && node.name < 0; }

// What an order character says about the items behind it.
struct Order {
  bool is_native = true;  // native sizes
  bool aligns = true;
  bool swapped = false;
};

// The nodes of one list while it is read.
struct List {
  int32_t first = -1, last = -1;
};

class Parser {
 public:
  Parser(const char* text, FormatTree* tree, Error* error)
      : text_(text), at_(text), tree_(tree), error_(error) {}

  Status run();

 private:
  Status fail(const char* at, const char* expected) {
    return fail_format(text_, at, expected, error_);
  }
  void skip_blanks() {
    while (is_blank(*at_)) at_++;
  }
  bool order();
  void orders();
  Status items(char close, List* list);
  Status item(List* list);
  Status push(const FormatNode& node, List* list);
  Status shape(FormatNode* node);
  Status count(FormatNode* node);
  Status number(int64_t* value);
  Status dim(FormatNode* node, int64_t extent, const char* where);
  Status body(FormatNode* node);
  Status letter(FormatNode* node);
  Status complex(FormatNode* node);
  Status record(FormatNode* node);
  Status pointer(FormatNode* node);
  Status bracket(FormatNode* node);
  Status name(FormatNode* node);
  Status enter();
  void note(const FormatNode& node, bool has_count);

  const char* const text_;
  const char* at_;
  FormatTree* const tree_;
  Error* const error_;
  Order order_;
  const char* order_end_ = nullptr;  // behind the last order character
  int32_t depth_ = 0, leaves_ = 0, marked_leaves_ = 0, bare_leaves_ = 0;
};

Status Parser::run() {
  List list;
  const Status status = items('\0', &list);
  tree_->first = list.first;
  tree_->all_marked = leaves_ > 0 && marked_leaves_ == leaves_;
  tree_->has_bare =
      marked_leaves_ > 1 && bare_leaves_ > 0 && marked_leaves_ + bare_leaves_ == leaves_;
  return status;
}

bool Parser::order() {
  const char c = *at_;
  if (c == '\0' || std::strchr("@^=<>!", c) == nullptr) return false;
  order_.aligns = c == '@';
  order_.is_native = c == '@' || c == '^';
  order_.swapped =
      c == '<' ? machine_is_big() : (c == '>' || c == '!') && !machine_is_big();
  order_end_ = ++at_;
  return true;
}

void Parser::orders() {
  do skip_blanks();
  while (order());
}

Status Parser::items(char close, List* list) {
  for (;;) {
    orders();
    if (*at_ == close) return close_list(tree_, list->first, text_, error_);
    if (*at_ == '\0') return fail(at_, "'}'");
    const Status status = item(list);
    if (status != NBUF_OK) return status;
  }
}

Status Parser::push(const FormatNode& node, List* list) {
  if (tree_->nodes.size() >= kMaxFormatItems)
    return fail(at_, "the end, for 65536 items are the most,");
  if (!tree_->nodes.push(node))
    return nbuf_fail(error_, NBUF_ERR_NOMEM, "reading a format");
  const int32_t made = tree_->nodes.size() - 1;
  if (list->last >= 0)
    tree_->nodes[list->last].next = made;
  else
    list->first = made;
  list->last = made;
  return NBUF_OK;
}

// [shape] [order] [count] type [name]
Status Parser::item(List* list) {
  FormatNode node;
  node.first_dim = tree_->dims.size();
  Status status = *at_ == '(' ? shape(&node) : NBUF_OK;
  if (status != NBUF_OK) return status;
  orders();
  const bool has_shape = node.ndim > 0;
  const bool has_count = is_digit(*at_);
  node.own_order = order_end_ == at_ && !has_count && (at_[-1] == '<' || at_[-1] == '>');
  if (has_count) status = count(&node);
  if (status == NBUF_OK) status = body(&node);
  if (status == NBUF_OK && node.name < 0 && *at_ == ':') status = name(&node);
  if (status != NBUF_OK) return status;
  node.spread = node.ndim > 0 && !has_shape;
  node.spelled = is_padding(node) && !has_count && !has_shape;
  note(node, has_count);
  if (node.spelled && list->last >= 0 && tree_->nodes[list->last].spelled) {
    tree_->nodes[list->last].count++;
    return NBUF_OK;
  }
  return push(node, list);
}

void Parser::note(const FormatNode& node, bool has_count) {
  if (node.type == 'x') tree_->has_padding = true;
  if (node.spelled) tree_->has_spelled = true;
  if (node.child >= 0 || node.type == 'T' || node.type == 'X' || node.type == 'x') return;
  leaves_++;
  if (node.own_order) marked_leaves_++;
  if (!node.own_order && node.type == 'B' && !has_count) bare_leaves_++;
}

Status Parser::number(int64_t* value) {
  const char* start = at_;
  int64_t made = 0;
  for (; is_digit(*at_); at_++) {
    made = made * 10 + (*at_ - '0');
    if (made > kMaxFormatSize) return fail(start, "a number below 2^53");
  }
  *value = made;
  return NBUF_OK;
}

// The length of one s p u w x t, else a number of items. 1 says nothing.
Status Parser::count(FormatNode* node) {
  const char* start = at_;
  int64_t value = 1;
  const Status status = number(&value);
  if (status != NBUF_OK) return status;
  if (takes_length(*at_))
    node->count = value;
  else if (value != 1)
    return dim(node, value, start);
  return NBUF_OK;
}

// '(' INT { ',' INT } ')'
Status Parser::shape(FormatNode* node) {
  do {
    at_++;  // '(' or ','
    skip_blanks();
    const char* start = at_;
    if (!is_digit(*at_)) return fail(at_, "an extent");
    int64_t extent = 0;
    Status status = number(&extent);
    if (status == NBUF_OK) status = dim(node, extent, start);
    if (status != NBUF_OK) return status;
    skip_blanks();
  } while (*at_ == ',');
  if (*at_ != ')') return fail(at_, "',' or ')'");
  at_++;
  return NBUF_OK;
}

Status Parser::dim(FormatNode* node, int64_t extent, const char* where) {
  if (node->ndim == NBUF_MAX_NDIM) return fail(where, "at most 64 extents");
  if (tree_->dims.size() >= kMaxFormatItems)
    return fail(where, "at most 65536 extents in all");
  if (!tree_->dims.push(extent))
    return nbuf_fail(error_, NBUF_ERR_NOMEM, "reading a format");
  node->ndim++;
  return NBUF_OK;
}

Status Parser::body(FormatNode* node) {
  node->begin = static_cast<int32_t>(at_ - text_);
  if (*at_ == 'T') return record(node);
  if (*at_ == '[') return bracket(node);
  if (*at_ == 'Z') return complex(node);
  const Status status = letter(node);
  if (status != NBUF_OK) return status;
  if (node->type == '&') return pointer(node);
  if (node->type != 'X') return NBUF_OK;
  return *at_ == '{' ? skip_braces(text_, &at_, error_) : fail(at_, "'{' behind X");
}

Status Parser::letter(FormatNode* node) {
  const FormatType* entry = find_type(*at_);
  if (entry == nullptr)
    return fail(at_, "a type (one of xcbB?hHiIlLqQnNefdgspuwPOt Z T{ X{ & [)");
  node->type = entry->type;
  node->unit = order_.is_native ? entry->native : entry->standard;
  if (node->unit == 0) return fail(at_, "a type other than the native n and N");
  node->native_align = entry->align;
  node->aligns = order_.aligns;
  node->swapped = order_.swapped && node->unit > 1;
  at_++;
  return NBUF_OK;
}

Status Parser::complex(FormatNode* node) {
  at_++;
  if (*at_ == '\0' || std::strchr("efdg", *at_) == nullptr)
    return fail(at_, "one of e f d g behind Z");
  node->is_complex = true;
  return letter(node);
}

Status Parser::enter() {
  if (++depth_ > kMaxFormatDepth) return fail(at_, "at most 64 groups in each other");
  return NBUF_OK;
}

Status Parser::record(FormatNode* node) {
  node->type = 'T';
  at_++;
  if (*at_ != '{') return fail(at_, "'{' behind T");
  List list;
  Status status = enter();
  at_++;
  if (status == NBUF_OK) status = items('}', &list);
  if (status != NBUF_OK) return status;
  at_++;
  depth_--;
  node->child = list.first;
  node->aligns = order_.aligns;  // as it is in force at the end: NumPy's rule
  return NBUF_OK;
}

// Behind the '&': one item, whose name is the pointer's.
Status Parser::pointer(FormatNode* node) {
  List target;
  Status status = enter();
  orders();
  if (status == NBUF_OK && (*at_ == '\0' || *at_ == '}'))
    status = fail(at_, "the type behind &");
  if (status == NBUF_OK) status = item(&target);
  if (status != NBUF_OK) return status;
  depth_--;
  node->child = target.first;
  FormatNode& pointed = tree_->nodes[target.first];
  node->name = pointed.name;
  node->name_length = pointed.name_length;
  pointed.name = -1;
  return NBUF_OK;
}

Status Parser::bracket(FormatNode* node) {
  int32_t length = 0;
  const int32_t size = bracket_size(at_, &length);
  if (length == 0) return fail(at_, "[namespace$name]");
  if (size == 0) return fail(at_, "bfloat16, float8_e4m3fn or another known type in []");
  node->type = '[';
  node->unit = size;
  node->native_align = static_cast<int8_t>(size);
  node->aligns = order_.aligns;
  node->swapped = order_.swapped && size > 1;
  at_ += length;
  return NBUF_OK;
}

Status Parser::name(FormatNode* node) {
  const char* start = ++at_;
  while (*at_ != ':' && *at_ != '\0') at_++;
  if (*at_ == '\0') return fail(at_, "':' behind the name");
  if (at_ == start) return fail(at_, "a name");
  node->name = static_cast<int32_t>(start - text_);
  node->name_length = static_cast<int32_t>(at_ - start);
  at_++;
  return NBUF_OK;
}

}  // namespace

Status read_format(const char* text, FormatTree* out, Error* error) {
  const auto length = static_cast<int32_t>(strnlen(text, kMaxFormatLength + 1));
  if (length > kMaxFormatLength)
    return nbuf_fail(error, NBUF_ERR_FORMAT,
                     "format '%.40s...': its end expected before position %d", text,
                     static_cast<int>(kMaxFormatLength));
  return Parser(text, out, error).run();
}

Status parse_format(const char* text, int64_t itemsize, FormatTree* out, Error* error) {
  const Status status = read_format(text, out, error);
  return status == NBUF_OK ? lay_out(out, text, itemsize, error) : status;
}

}  // namespace nbuf::core
