// test_element.cc - nbuf_format_code beside what C++ types say of the same formats, and
// nbuf_element_at beside addresses that are written down by hand.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "check.h"
#include "nbuf/nbuf.hpp"

namespace {

char code_of(const char* format, int64_t itemsize, bool has_shape = true) {
  static const int64_t shape[] = {1};
  nbuf_provider p;
  std::memset(&p, 0, sizeof p);
  p.ndim = 1;
  p.itemsize = itemsize;
  p.format = format;
  p.shape = has_shape ? shape : nullptr;
  return nbuf_format_code(&p);
}

// Every string of up to two characters that could be a format, and every size: the codes
// that a C++ type agrees with are the ones to be found.
template <class T>
void agrees(char code, char second = 0) {
  static const char characters[] = "@=<>!^bBhHiIlLqQnNefdgc?PZ&x2sOu ";
  for (const char* a = characters; *a != '\0'; a++)
    for (const char* b = characters;; b++) {
      const std::string format = {*a, *b};
      const bool found = code_of(format.c_str(), sizeof(T)) == code ||
                         (second != 0 && code_of(format.c_str(), sizeof(T)) == second);
      if (!CHECK(found == nbuf::detail::format_matches<T>(format.c_str())))
        std::fprintf(stderr, "'%s' and %d bytes\n", format.c_str(), int{sizeof(T)});
      if (*b == '\0') break;
    }
}

void bytes_without_format() {
  CHECK(code_of(nullptr, 1) == 'B' && code_of(nullptr, 8) == 0);
  CHECK(code_of(nullptr, 8, false) == 'B');
}

void what_is_no_number() {
  for (const char* format : {"", "<", "2B", "BB", "T{B:a:}", "Zd", "O", "&B", "x", "<g"})
    for (int64_t size = 1; size <= 16; size++) CHECK(code_of(format, size) == 0);
  CHECK(code_of("d", 16) == 0);  // trailing padding
  CHECK(code_of("?", 1) == '?' && code_of("c", 1) == 'c' && code_of("<e", 2) == 'e');
}

nbuf_provider provider_of(void* buf, int32_t ndim, const int64_t* shape,
                          const int64_t* strides) {
  nbuf_provider p;
  std::memset(&p, 0, sizeof p);
  p.struct_size = sizeof p;
  p.buf = buf;
  p.ndim = ndim;
  p.itemsize = 2;
  p.shape = shape;
  p.strides = strides;
  return p;
}

int64_t offset_of(const nbuf_provider& p, int64_t i, int64_t j, int64_t k) {
  const int64_t index[] = {i, j, k};
  return static_cast<char*>(nbuf_element_at(&p, index)) - static_cast<char*>(p.buf);
}

void direct_elements() {
  static char memory[64];
  const int64_t shape[] = {2, 3, 4}, strides[] = {-24, 2, 6};
  CHECK(offset_of(provider_of(memory, 3, shape, nullptr), 1, 2, 3) == 2 * (12 + 8 + 3));
  CHECK(offset_of(provider_of(memory + 30, 3, shape, strides), 1, 2, 3) == -24 + 4 + 18);
  nbuf_provider bytes = provider_of(memory, 1, nullptr, nullptr);
  CHECK(offset_of(bytes, 5, 0, 0) == 5);  // bytes, whatever the itemsize
  CHECK(offset_of(provider_of(memory, 0, nullptr, nullptr), 9, 9, 9) == 0);
  nbuf_provider old = provider_of(memory, 3, shape, strides);
  old.struct_size = offsetof(nbuf_provider, level_count);  // of before there were levels
  old.level_count = 2;
  CHECK(offset_of(old, 0, 1, 0) == 2);
}

// Two rows through a table of pointers; the rows' first element lies 4 bytes into them.
void elements_behind_pointers() {
  static char rows[2][32];
  char* table[] = {rows[0], rows[1]};
  const int64_t shape[] = {2, 3, 4}, strides[] = {sizeof table[0], 8, 2};
  const int64_t suboffsets[] = {4, -1, -1}, index[] = {1, 2, 3}, swapped[] = {3, 1, 2};
  nbuf_provider p = provider_of(table, 3, shape, strides);
  p.suboffsets = suboffsets;
  CHECK(nbuf_element_at(&p, index) == rows[1] + 4 + 16 + 6);
  // The same, its axes turned around, which takes levels.
  const int64_t turned[] = {4, 2, 3}, steps[] = {2, sizeof table[0], 8}, post[] = {-1};
  const int32_t levels[] = {1, 0, 1};
  table[1] = rows[1] + 5;
  p = provider_of(table, 3, turned, steps);
  p.level_count = 2, p.axis_level = levels, p.post_offsets = post;
  CHECK(nbuf_element_at(&p, swapped) == rows[1] + 4 + 16 + 6);
}

}  // namespace

int main() {
  direct_elements();
  elements_behind_pointers();
  agrees<int16_t>('h');
  agrees<uint16_t>('H');
  agrees<int32_t>('i');
  agrees<uint32_t>('I');
  agrees<int64_t>('q');
  agrees<uint64_t>('Q');
  agrees<float>('f');
  agrees<double>('d');
  if (sizeof(long double) > 8) agrees<long double>('g');
  bytes_without_format();
  what_is_no_number();
  CHECK(code_of("b", 1) == 'b' && code_of("!B", 1) == 'B' && code_of(">b", 1) == 'b');
  return check_result("element");
}
