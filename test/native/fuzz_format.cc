// fuzz_format.cc - libFuzzer on the parser of format strings: what it accepts must hold
// together, what it refuses must say where. `node scripts/fuzz.mjs` builds and runs it.
//
// Input: a byte for the itemsize (0: unknown; below 200: itself; else calcsize and more),
// then the text.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "core/format.h"

using namespace nbuf::core;

namespace {

constexpr double kMaxSeconds = 0.3;  // of the processor, with sanitizers

#define REQUIRE(...) \
  if (!(__VA_ARGS__)) broken(#__VA_ARGS__, __LINE__)

[[noreturn]] void broken(const char* what, int line) {
  std::fprintf(stderr, "fuzz_format.cc:%d: broken: %s\n", line, what);
  std::abort();
}

// A name's characters, compared as they stand in the text.
std::string name_of(const FormatNode& node, const std::string& text) {
  REQUIRE(node.name_length > 0);
  REQUIRE(static_cast<size_t>(node.name) + static_cast<size_t>(node.name_length) <
          text.size());
  return text.substr(static_cast<size_t>(node.name),
                     static_cast<size_t>(node.name_length));
}

class Checker {
 public:
  Checker(const FormatTree& tree, const std::string& text) : tree_(tree), text_(text) {}

  void whole() {
    REQUIRE(tree_.size >= 0 && tree_.size <= tree_.itemsize);
    REQUIRE(tree_.itemsize <= kMaxFormatSize && tree_.align >= 1);
    list(tree_.first, tree_.itemsize, 0);
    // Every node is in one list; x's of one run share a node.
    REQUIRE(seen_ == tree_.nodes.size());
  }

 private:
  // Items follow each other inside of `end` bytes, and their names differ.
  void list(int32_t first, int64_t end, int depth) {
    REQUIRE(depth <= kMaxFormatDepth);
    std::vector<std::string> names;
    int64_t at = 0;
    for (int32_t i = first; i >= 0; i = tree_.nodes[i].next) {
      REQUIRE(i < tree_.nodes.size() && seen_ < tree_.nodes.size());
      seen_++;
      const FormatNode& node = tree_.nodes[i];
      if (node.name >= 0) names.push_back(name_of(node, text_));
      // Padding may be that of the record in front, which lies in it.
      if (node.type == 'x' && node.name < 0) continue;
      REQUIRE(node.offset >= at && node.offset <= end);
      at = item(node, end, depth);
    }
    std::sort(names.begin(), names.end());
    REQUIRE(std::adjacent_find(names.begin(), names.end()) == names.end());
  }

  // Where the item ends.
  int64_t item(const FormatNode& node, int64_t end, int depth) {
    REQUIRE(node.itemsize >= 0 && node.repeat >= 0 && node.count >= 0);
    REQUIRE(node.begin >= 0 && static_cast<size_t>(node.begin) < text_.size());
    REQUIRE(node.ndim >= 0 && node.first_dim + node.ndim <= tree_.dims.size());
    if (node.type == 'T') list(node.child, node.itemsize, depth + 1);
    if (node.type == '&') list(node.child, kMaxFormatSize, depth + 1);
    REQUIRE(node.type == 'T' || node.type == '&' || node.child < 0);
    if (node.type == 't') return node.offset;  // bits share bytes
    REQUIRE(node.repeat == 0 || node.itemsize <= (end - node.offset) / node.repeat);
    return node.offset + node.itemsize * node.repeat;
  }

  const FormatTree& tree_;
  const std::string& text_;
  int32_t seen_ = 0;
};

bool is_same(const FormatTree& a, const FormatTree& b) {
  if (a.nodes.size() != b.nodes.size() || a.dims.size() != b.dims.size() ||
      a.size != b.size || a.itemsize != b.itemsize || a.first != b.first)
    return false;
  for (int32_t i = 0; i < a.dims.size(); i++)
    if (a.dims[i] != b.dims[i]) return false;
  for (int32_t i = 0; i < a.nodes.size(); i++) {
    const FormatNode &x = a.nodes[i], &y = b.nodes[i];
    if (x.type != y.type || x.offset != y.offset || x.itemsize != y.itemsize ||
        x.count != y.count || x.unit != y.unit || x.next != y.next ||
        x.child != y.child || x.name != y.name || x.align != y.align)
      return false;
  }
  return true;
}

// Loosely: every first byte has its continuation bytes.
bool is_utf8(const std::string& text) {
  size_t left = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xc0) == 0x80;
    if (continues != (left > 0) || byte >= 0xf5) return false;
    left = continues ? left - 1 : byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0;
  }
  return left == 0;
}

// Terminated, and with a position in the text; only sizes have none.
void check_message(const Error& error, const std::string& text) {
  const std::string message(error.message, strnlen(error.message, sizeof error.message));
  REQUIRE(!message.empty() && message.size() < sizeof error.message);
  if (!is_utf8(text)) return;
  REQUIRE(is_utf8(message));
  const size_t found = message.rfind("position ");
  if (found == std::string::npos) return;
  char* end;
  const long position = std::strtol(message.c_str() + found + 9, &end, 10);
  if (*end != '\0') return;  // the word stands in the text that the message quotes
  REQUIRE(position >= 0 && static_cast<size_t>(position) <= text.size());
}

Status parse(const std::string& text, int64_t itemsize, FormatTree* tree) {
  Error error = NBUF_ERROR_INIT;
  const std::clock_t start = std::clock();
  const Status status = parse_format(text.c_str(), itemsize, tree, &error);
  REQUIRE(static_cast<double>(std::clock() - start) < kMaxSeconds * CLOCKS_PER_SEC);
  REQUIRE(status == NBUF_OK || status == NBUF_ERR_FORMAT);
  if (status != NBUF_OK) check_message(error, text);
  if (status == NBUF_OK) Checker(*tree, text).whole();
  if (status == NBUF_OK && itemsize > 0) REQUIRE(tree->size <= itemsize);
  return status;
}

void check(const std::string& text, unsigned char size_byte) {
  FormatTree plain, again, sized;
  const Status status = parse(text, 0, &plain);
  REQUIRE(parse(text, 0, &again) == status);
  if (status != NBUF_OK) {
    REQUIRE(parse(text, size_byte + 1, &sized) != NBUF_OK);
    return;
  }
  REQUIRE(is_same(plain, again));
  const int64_t itemsize =
      size_byte < 200 ? size_byte : plain.itemsize + (size_byte - 200);
  if (itemsize == 0) return;
  const Status with_size = parse(text, itemsize, &sized);
  // What calcsize says is always enough.
  REQUIRE(with_size == NBUF_OK || itemsize != plain.itemsize);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string all(reinterpret_cast<const char*>(data) + 1, size - 1);
  check(all.c_str(), data[0]);  // up to the first NUL, as any text in C
  return 0;
}
