/* nbuf/detail/format_match.hpp - does a C++ type read what a format says? Part of
 * nbuf.hpp. SPDX-License-Identifier: MIT */
#ifndef NBUF_DETAIL_FORMAT_MATCH_HPP
#define NBUF_DETAIL_FORMAT_MATCH_HPP

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace nbuf {
namespace detail {

/* What of a type has to agree with a format. `any`: classes, enumerations and extended
 * types, for which the caller's word is taken. */
enum class Kind { any, character, signed_integer, unsigned_integer, floating };

template <class T>
constexpr Kind kind_of() noexcept {
  if (std::is_same<T, char>::value) return Kind::character;
  if (std::is_floating_point<T>::value) return Kind::floating;
  if (!std::is_integral<T>::value) return Kind::any;
  return std::is_signed<T>::value ? Kind::signed_integer : Kind::unsigned_integer;
}

constexpr const char* kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::character:
      return "characters";
    case Kind::signed_integer:
      return "signed integers";
    case Kind::unsigned_integer:
      return "unsigned integers";
    case Kind::floating:
      return "floating-point numbers";
    default:
      return "items";
  }
}

/* Bytes of an item code; 0 = no such item in this mode. */
constexpr std::size_t code_size(char code, bool is_standard) noexcept {
  switch (code) {
    case 'c':
    case 'b':
    case 'B':
    case '?':
      return 1;
    case 'h':
    case 'H':
    case 'e':
      return 2;
    case 'i':
    case 'I':
      return is_standard ? 4 : sizeof(int);
    case 'l':
    case 'L':
      return is_standard ? 4 : sizeof(long);
    case 'q':
    case 'Q':
    case 'd':
      return 8;
    case 'n':
    case 'N':
      return is_standard ? 0 : sizeof(std::size_t);
    case 'f':
      return 4;
    case 'g':
      return is_standard ? 0 : sizeof(long double);
    default:
      return 0;
  }
}

constexpr Kind code_kind(char code) noexcept {
  switch (code) {
    case 'c':
      return Kind::character;
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
    case 'n':
      return Kind::signed_integer;
    case 'e':
    case 'f':
    case 'd':
    case 'g':
      return Kind::floating;
    default:
      return Kind::unsigned_integer; /* '?' too: bytes that are 0 or not */
  }
}

/* 'c' and char go with every 1-byte integer. */
constexpr bool kinds_agree(Kind type, Kind code, std::size_t size) noexcept {
  if (type == code) return true;
  return size == 1 && (type == Kind::character || code == Kind::character);
}

constexpr bool is_native_order(char order) noexcept {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return order != '<';
#else
  return order != '>' && order != '!';
#endif
}

/* One item of T's kind, size and byte order, such as "d", "@d", "=d"; "l" and "q" are the
 * same where they have the same size. No format means bytes, reinterpreted. */
template <class T>
constexpr bool format_matches(const char* format) noexcept {
  constexpr Kind kind = kind_of<T>();
  if (kind == Kind::any || format == nullptr) return true;
  char order = '@';
  for (const char c : {'@', '=', '<', '>', '!', '^'})
    if (*format == c) order = c;
  if (*format == order) format++;
  const bool is_standard = order != '@' && order != '^';
  return format[0] != '\0' && format[1] == '\0' &&
         code_size(format[0], is_standard) == sizeof(T) &&
         kinds_agree(kind, code_kind(format[0]), sizeof(T)) &&
         (sizeof(T) == 1 || is_native_order(order));
}

} /* namespace detail */
} /* namespace nbuf */

#endif /* NBUF_DETAIL_FORMAT_MATCH_HPP */
