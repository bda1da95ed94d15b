#include "format.h"

#include <cstring>

namespace nbuf::core {
namespace {

constexpr int64_t kMaxCount = int64_t{1} << 40;

struct TypeSizes {
  char type;
  int8_t native, standard;  // bytes; 0 = not allowed there
};

// PEP 3118 and struct; native sizes come from the compiler. P and g have no standard
// size, but ctypes writes them behind '<', meaning the native one.
constexpr TypeSizes kTypes[] = {
    {'x', 1, 1},
    {'c', 1, 1},
    {'b', 1, 1},
    {'B', 1, 1},
    {'?', 1, 1},
    {'s', 1, 1},
    {'p', 1, 1},
    {'h', sizeof(short), 2},
    {'H', sizeof(short), 2},
    {'i', sizeof(int), 4},
    {'I', sizeof(int), 4},
    {'l', sizeof(long), 4},
    {'L', sizeof(long), 4},
    {'q', sizeof(long long), 8},
    {'Q', sizeof(long long), 8},
    {'n', sizeof(size_t), 0},
    {'N', sizeof(size_t), 0},
    {'e', 2, 2},
    {'f', sizeof(float), 4},
    {'d', sizeof(double), 8},
    {'g', sizeof(long double), sizeof(long double)},
    {'u', 2, 2},
    {'w', 4, 4},
    {'P', sizeof(void*), sizeof(void*)},
    {'O', sizeof(void*), sizeof(void*)},
};
static_assert(sizeof(bool) == 1 && sizeof(float) == 4 && sizeof(double) == 8,
              "the element readers assume these sizes");

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool machine_is_big() {
  const uint16_t probe = 1;
  unsigned char first;
  std::memcpy(&first, &probe, 1);
  return first == 0;
}

Status unexpected(const char* format, const char* at, const char* expected,
                  Error* error) {
  if (*at == '\0')
    return nbuf_fail(error, NBUF_ERR_FORMAT, "format '%.80s': %s expected at its end",
                     format, expected);
  return nbuf_fail(error, NBUF_ERR_FORMAT, "format '%.80s': %s expected at position %d",
                   format, expected, static_cast<int>(at - format));
}

const TypeSizes* find_type(char c) {
  for (const TypeSizes& entry : kTypes)
    if (entry.type == c) return &entry;
  return nullptr;
}

struct Order {
  bool is_native = true;  // native sizes
  bool swapped = false;
};

bool read_order(char c, Order* order) {
  if (c == '\0' || std::strchr("@^=<>!", c) == nullptr) return false;
  order->is_native = c == '@' || c == '^';
  order->swapped = c == '<'               ? machine_is_big()
                   : c == '>' || c == '!' ? !machine_is_big()
                                          : false;
  return true;
}

bool takes_count(char type) { return std::strchr("spuwx", type) != nullptr; }

}  // namespace

Status parse_element(const char* format, ElementFormat* out, Error* error) {
  const char* at = format;
  Order order;
  while (is_blank(*at)) at++;
  while (read_order(*at, &order) || is_blank(*at)) at++;
  ElementFormat made;
  const char* count_at = at;
  if (*at >= '0' && *at <= '9') {
    made.count = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
      made.count = made.count * 10 + (*at - '0');
      if (made.count > kMaxCount)
        return unexpected(format, count_at, "a smaller count", error);
    }
  }
  if (*at == 'Z') {
    made.is_complex = true;
    at++;
    if (*at == '\0' || std::strchr("efdg", *at) == nullptr)
      return unexpected(format, at, "one of e f d g behind Z", error);
  }
  const TypeSizes* entry = *at == '\0' ? nullptr : find_type(*at);
  if (entry == nullptr)
    return unexpected(format, at, "a type (one of xcbB?sphHiIlLqQnNefdguwPO or Z)",
                      error);
  made.type = entry->type;
  made.unit = order.is_native ? entry->native : entry->standard;
  if (made.unit == 0)
    return unexpected(format, at, "n and N without a byte order", error);
  if (takes_count(made.type) ? made.count < 1 : made.count != 1)
    return unexpected(format, count_at,
                      takes_count(made.type) ? "a count of at least 1"
                                             : "a single item (records are opaque)",
                      error);
  made.swapped = order.swapped && made.unit > 1;
  made.size = made.unit * made.count * (made.is_complex ? 2 : 1);
  for (at++; is_blank(*at);) at++;
  if (*at != '\0') return unexpected(format, at, "the end (records are opaque)", error);
  *out = made;
  return NBUF_OK;
}

namespace {

// Types that differ in name only: 'l' and 'q' of equal size are both "signed integer".
char kind_of(char type) {
  if (std::strchr("bhilqn", type) != nullptr) return 'i';
  if (std::strchr("BHILQN", type) != nullptr) return 'I';
  if (std::strchr("efdg", type) != nullptr) return 'f';
  return type;
}

}  // namespace

bool same_element(const ElementFormat& a, const ElementFormat& b) {
  return a.type != 0 && b.type != 0 && kind_of(a.type) == kind_of(b.type) &&
         a.is_complex == b.is_complex && a.unit == b.unit && a.count == b.count &&
         a.swapped == b.swapped;
}

}  // namespace nbuf::core
