// test_format_code.cc - nbuf_format_code beside what C++ types say of the same formats.
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

}  // namespace

int main() {
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
  return check_result("format_code");
}
