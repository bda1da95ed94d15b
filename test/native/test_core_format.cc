// test_core_format.cc - parse_element and same_element against tables.
#include "core/format.h"

#include <string>
#include <vector>

#include "check.h"

using namespace nbuf::core;

namespace {

const bool kIsLittle = [] {
  const uint16_t probe = 1;
  return *reinterpret_cast<const unsigned char*>(&probe) == 1;
}();

ElementFormat parse(const std::string& format) {
  ElementFormat out;
  nbuf_error error = NBUF_ERROR_INIT;
  if (!CHECK(parse_element(format.c_str(), &out, &error) == NBUF_OK))
    std::fprintf(stderr, "'%s': %s\n", format.c_str(), error.message);
  return out;
}

struct Type {
  char type;
  int64_t native, standard;  // bytes; 0 = refused
};

// struct's and PEP 3118's types; the compiler says what is native here.
const Type kTypes[] = {{'x', 1, 1},
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
                       {'n', sizeof(ptrdiff_t), 0},
                       {'N', sizeof(size_t), 0},
                       {'e', 2, 2},
                       {'f', sizeof(float), 4},
                       {'d', sizeof(double), 8},
                       {'g', sizeof(long double), sizeof(long double)},
                       {'u', 2, 2},
                       {'w', 4, 4},
                       {'P', sizeof(void*), sizeof(void*)},
                       {'O', sizeof(void*), sizeof(void*)}};

void check_type(const std::string& order, const Type& entry, bool is_native,
                bool is_other) {
  const std::string format = order + entry.type;
  const int64_t size = is_native ? entry.native : entry.standard;
  ElementFormat out;
  if (size == 0) {
    CHECK(parse_element(format.c_str(), &out, nullptr) == NBUF_ERR_FORMAT);
    return;
  }
  out = parse(format);
  CHECK(out.type == entry.type && out.size == size && out.unit == size);
  CHECK(out.count == 1 && !out.is_complex && out.swapped == (is_other && size > 1));
}

void sizes() {
  for (const Type& entry : kTypes) {
    check_type("", entry, true, false);
    check_type("@", entry, true, false);
    check_type("^", entry, true, false);
    check_type("=", entry, false, false);
    check_type("<", entry, false, !kIsLittle);
    check_type(">", entry, false, kIsLittle);
    check_type("!", entry, false, kIsLittle);
    check_type(" \t\n\v\f\r", entry, true, false);
    check_type(" < ", entry, false, !kIsLittle);
  }
  CHECK(parse("d ").size == 8 && parse(" >d\n").swapped == kIsLittle);
}

void complex_numbers() {
  for (const char* type : {"e", "f", "d", "g"}) {
    const ElementFormat part = parse(type), both = parse(std::string("Z") + type);
    CHECK(both.is_complex && both.type == *type && both.unit == part.unit);
    CHECK(both.size == 2 * part.size && both.count == 1);
  }
  CHECK(parse(">Zd").swapped == kIsLittle && parse("1Zf").size == 8);
}

void counts() {
  for (const char* type : {"s", "p", "x"}) {
    const ElementFormat many = parse(std::string("12") + type);
    CHECK(many.count == 12 && many.size == 12 && many.unit == 1);
  }
  CHECK(parse("3u").size == 6 && parse(">3w").size == 12 && parse(">3w").count == 3);
  CHECK(parse("007s").size == 7 && parse("1d").count == 1 && parse("0001i").size == 4);
  CHECK(parse("1099511627776s").size == int64_t{1} << 40);
  CHECK(parse("1099511627776w").size == int64_t{1} << 42);
}

struct Refusal {
  const char *format, *message;
};

const Refusal kRefusals[] = {
    {"", "a type (one of"},
    {"", "expected at its end"},
    {" < ", "expected at its end"},
    {"y", "a type (one of xcbB?sphHiIlLqQnNefdguwPO or Z) expected at position 0"},
    {"<y", "expected at position 1"},
    {"  D", "a type (one of xcbB?sphHiIlLqQnNefdguwPO or Z) expected at position 2"},
    {"F", "expected at position 0"},
    {"&d", "expected at position 0"},
    {"Xd", "expected at position 0"},
    {"t", "expected at position 0"},
    {"\xff", "expected at position 0"},
    {"T{<i:x:}", "expected at position 0"},
    {"(2,3)d", "expected at position 0"},
    {"-1s", "expected at position 0"},
    {"1 s", "a type (one of"},
    {"Z", "one of e f d g behind Z expected at its end"},
    {"<Zi", "one of e f d g behind Z expected at position 2"},
    {"ZZd", "one of e f d g behind Z expected at position 1"},
    {"Z1d", "one of e f d g behind Z expected at position 1"},
    {"=n", "n and N without a byte order expected"},
    {">N", "n and N without a byte order expected"},
    {"2d", "a single item (records are opaque) expected at position 0"},
    {"<0i", "a single item (records are opaque) expected at position 1"},
    {"2Zd", "a single item"},
    {"0s", "a count of at least 1 expected at position 0"},
    {"<0000u", "a count of at least 1 expected at position 1"},
    {"1099511627777s", "a smaller count expected at position 0"},
    {"99999999999999999999999999s", "a smaller count expected at position 0"},
    {"99999999999999999999999999", "a smaller count expected at position 0"},
    {"12", "a type (one of"},
    {"dd", "the end (records are opaque) expected at position 1"},
    {"d d", "the end (records are opaque) expected at position 2"},
    {"d<", "the end (records are opaque) expected at position 1"},
    {"d:name:", "the end (records are opaque) expected at position 1"},
};

void refusals() {
  for (const Refusal& each : kRefusals) {
    nbuf_error error = NBUF_ERROR_INIT;
    ElementFormat out;
    out.size = 99;
    if (!CHECK(parse_element(each.format, &out, &error) == NBUF_ERR_FORMAT))
      std::fprintf(stderr, "accepted '%s'\n", each.format);
    CHECK_TEXT(error.message, each.message);
    CHECK(out.size == 99 && parse_element(each.format, &out, nullptr) == NBUF_ERR_FORMAT);
  }
}

// Each line is one class: its members are the same, those of different lines are not.
const std::vector<std::vector<const char*>> kClasses = {
    {"l", "q", "n", "@q", "=q", kIsLittle ? "<q" : ">q", "1q"},
    {"L", "Q", "N", "^L", "=Q", kIsLittle ? "<Q" : ">Q"},
    {"i", "=i", "=l", kIsLittle ? "<l" : ">l"},
    {"I", "=I", "=L", kIsLittle ? "<L" : ">L"},
    {kIsLittle ? ">q" : "<q"},
    {kIsLittle ? ">i" : "<i", kIsLittle ? ">l" : "<l"},
    {"h", "=h"},
    {"H"},
    {"b", ">b", "<b"},
    {"B", ">B", "!B"},
    {"c", ">c"},
    {"?"},
    {"s", "1s", ">s"},
    {"2s"},
    {"p"},
    {"x"},
    {"e"},
    {"f"},
    {"d", "=d"},
    {kIsLittle ? ">d" : "<d"},
    {"g"},
    {"Zf", "=Zf"},
    {"Zd"},
    {kIsLittle ? ">Zd" : "<Zd"},
    {"u"},
    {"2u"},
    {"w"},
    {kIsLittle ? ">w" : "<w"},
    {"P", "=P"},
    {"O"},
};

void equivalence() {
  if (sizeof(long) != 8 || sizeof(size_t) != 8) return;  // these are LP64's classes
  for (const auto& one : kClasses)
    for (const auto& other : kClasses)
      for (const char* a : one)
        for (const char* b : other)
          if (!CHECK(same_element(parse(a), parse(b)) == (&one == &other)))
            std::fprintf(stderr, "'%s' and '%s'\n", a, b);
  // Nothing is known of opaque elements, so they equal nothing.
  CHECK(!same_element(ElementFormat{}, ElementFormat{}));
  CHECK(!same_element(ElementFormat{}, parse("B")));
}

}  // namespace

int main() {
  sizes();
  complex_numbers();
  counts();
  refusals();
  equivalence();
  return check_result("core_format");
}
