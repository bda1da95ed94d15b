#include "format_types.h"

#include <cstddef>
#include <cstring>
#include <cwchar>

namespace nbuf::core {
namespace {

template <typename T>
constexpr FormatType native_type(char letter, int standard) {
  return {letter, static_cast<int8_t>(sizeof(T)), static_cast<int8_t>(alignof(T)),
          static_cast<int8_t>(standard)};
}

// alignof(double) is what a struct member gets nearly everywhere, but on 32-bit x86 Linux
// members are aligned less.
struct ShortDouble {
  char first;
  double second;
};
struct ShortLong {
  char first;
  long long second;
};
constexpr auto kDoubleAlign = static_cast<int8_t>(offsetof(ShortDouble, second));
constexpr auto kLongAlign = static_cast<int8_t>(offsetof(ShortLong, second));

// PEP 3118 and struct; native sizes come from the compiler. P, O and g have no standard
// size, but ctypes writes them behind '<', meaning the native one.
constexpr FormatType kTypes[] = {
    {'x', 1, 1, 1},
    {'c', 1, 1, 1},
    {'b', 1, 1, 1},
    {'B', 1, 1, 1},
    {'?', 1, 1, 1},
    {'s', 1, 1, 1},
    {'p', 1, 1, 1},
    {'t', 1, 1, 1},
    native_type<short>('h', 2),
    native_type<short>('H', 2),
    native_type<int>('i', 4),
    native_type<int>('I', 4),
    native_type<long>('l', 4),
    native_type<long>('L', 4),
    {'q', sizeof(long long), kLongAlign, 8},
    {'Q', sizeof(long long), kLongAlign, 8},
    native_type<size_t>('n', 0),
    native_type<size_t>('N', 0),
    {'e', 2, 2, 2},
    native_type<float>('f', 4),
    {'d', sizeof(double), kDoubleAlign, 8},
    native_type<long double>('g', sizeof(long double)),
    {'u', 2, 2, 2},
    {'w', 4, 4, 4},
    native_type<void*>('P', sizeof(void*)),
    native_type<void*>('O', sizeof(void*)),
    native_type<void*>('&', sizeof(void*)),
    native_type<void*>('X', sizeof(void*)),
};
static_assert(sizeof(bool) == 1 && sizeof(float) == 4 && sizeof(double) == 8 &&
                  sizeof(long long) == 8 && sizeof(long double) <= 16,
              "the element readers assume these sizes");

struct Bracket {
  const char* name;
  int8_t size;
};
// The names of ml_dtypes; DLPack's are the same without the underscore's first part.
constexpr Bracket kBrackets[] = {
    {"bfloat16", 2},           {"float8_e3m4", 1},     {"float8_e4m3", 1},
    {"float8_e4m3b11fnuz", 1}, {"float8_e4m3fn", 1},   {"float8_e4m3fnuz", 1},
    {"float8_e5m2", 1},        {"float8_e5m2fnuz", 1}, {"float8_e8m0fnu", 1},
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '_' || c == '.';
}

int32_t word_length(const char* text) {
  int32_t length = 0;
  while (is_word(text[length])) length++;
  return length;
}

}  // namespace

const FormatType* find_type(char letter) {
  for (const FormatType& entry : kTypes)
    if (entry.type == letter) return &entry;
  return nullptr;
}

int32_t bracket_size(const char* text, int32_t* length) {
  *length = 0;
  const int32_t space = word_length(text + 1);
  if (space == 0 || text[1 + space] != '$') return 0;
  const char* name = text + space + 2;
  const int32_t letters = word_length(name);
  if (letters == 0 || name[letters] != ']') return 0;
  *length = space + letters + 3;
  for (const Bracket& entry : kBrackets)
    if (std::strlen(entry.name) == static_cast<size_t>(letters) &&
        std::strncmp(entry.name, name, static_cast<size_t>(letters)) == 0)
      return entry.size;
  return 0;
}

bool takes_length(char type) {
  return type != '\0' && std::strchr("spuwxt", type) != nullptr;
}

bool machine_is_big() {
  const uint16_t probe = 1;
  unsigned char first;
  std::memcpy(&first, &probe, 1);
  return first == 0;
}

}  // namespace nbuf::core
