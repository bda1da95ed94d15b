#include "format_names.h"

#include <algorithm>
#include <new>

namespace nbuf::core {
namespace {

// JavaScript counts UTF-16 units, and the text may have any names.
int32_t position_of(const char* text, const char* at) {
  int32_t units = 0;
  for (; text < at; text++) {
    const auto byte = static_cast<unsigned char>(*text);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

struct ByName {
  const FormatTree* tree;
  const char* text;
  int compare(int32_t a, int32_t b) const {
    const FormatNode& x = tree->nodes[a];
    const FormatNode& y = tree->nodes[b];
    if (x.name_length != y.name_length) return x.name_length < y.name_length ? -1 : 1;
    return std::memcmp(text + x.name, text + y.name, static_cast<size_t>(x.name_length));
  }
  bool operator()(int32_t a, int32_t b) const {
    const int order = compare(a, b);
    return order != 0 ? order < 0 : a < b;
  }
};

Status check_unique(const FormatTree& tree, int32_t first, int32_t names,
                    const char* text, Error* error) {
  auto* sorted = new (std::nothrow) int32_t[static_cast<size_t>(names)];
  if (sorted == nullptr) return nbuf_fail(error, NBUF_ERR_NOMEM, "reading a format");
  int32_t count = 0;
  for (int32_t i = first; i >= 0; i = tree.nodes[i].next)
    if (tree.nodes[i].name >= 0) sorted[count++] = i;
  const ByName by_name{&tree, text};
  std::sort(sorted, sorted + count, by_name);
  Status status = NBUF_OK;
  for (int32_t k = 1; k < count && status == NBUF_OK; k++)
    if (by_name.compare(sorted[k - 1], sorted[k]) == 0)
      status = fail_format(text, text + tree.nodes[sorted[k]].name,
                           "a name that no other item of the record has", error);
  delete[] sorted;
  return status;
}

}  // namespace

int excerpt_length(const char* text) {
  int length = 0;
  while (length < 80 && text[length] != '\0') length++;
  if (length == 80)
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
      length--;
  return length;
}

Status fail_format(const char* text, const char* at, const char* expected, Error* error) {
  const int shown = excerpt_length(text);
  const char* more = text[shown] == '\0' ? "" : "...";
  if (*at == '\0')
    return nbuf_fail(error, NBUF_ERR_FORMAT,
                     "format '%.*s%s': %s expected at its end, position %d", shown, text,
                     more, expected, position_of(text, at));
  return nbuf_fail(error, NBUF_ERR_FORMAT, "format '%.*s%s': %s expected at position %d",
                   shown, text, more, expected, position_of(text, at));
}

Status close_list(FormatTree* tree, int32_t first, const char* text, Error* error) {
  int32_t names = 0;
  for (int32_t i = first; i >= 0; i = tree->nodes[i].next)
    if (tree->nodes[i].name >= 0) names++;
  if (names == 0) return NBUF_OK;
  for (int32_t i = first; i >= 0; i = tree->nodes[i].next) tree->nodes[i].spread = false;
  return names == 1 ? NBUF_OK : check_unique(*tree, first, names, text, error);
}

Status skip_braces(const char* text, const char** at, Error* error) {
  int32_t open = 0;
  const char* c = *at;
  do {
    if (*c == '\0') return fail_format(text, c, "'}'", error);
    if (*c == '{') open++;
    if (*c == '}') open--;
    c++;
  } while (open > 0);
  *at = c;
  return NBUF_OK;
}

}  // namespace nbuf::core
