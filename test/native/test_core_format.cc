// test_core_format.cc - reading formats, and where their items lie, against tables.
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

struct Parsed {
  FormatTree tree;
  const FormatNode& node(int32_t i = -1) const {
    return tree.nodes[i < 0 ? tree.first : i];
  }
};

void parse(const std::string& format, Parsed* out, int64_t itemsize = 0) {
  nbuf_error error = NBUF_ERROR_INIT;
  if (!CHECK(parse_format(format.c_str(), itemsize, &out->tree, &error) == NBUF_OK))
    std::fprintf(stderr, "'%s': %s\n", format.c_str(), error.message);
}

struct Type {
  char type;
  int64_t native, align, standard;  // bytes; standard 0 = refused
};

// struct's and PEP 3118's types; the compiler says what is native here.
const Type kTypes[] = {
    {'c', 1, 1, 1},
    {'b', 1, 1, 1},
    {'B', 1, 1, 1},
    {'?', 1, 1, 1},
    {'s', 1, 1, 1},
    {'p', 1, 1, 1},
    {'h', sizeof(short), alignof(short), 2},
    {'H', sizeof(short), alignof(short), 2},
    {'i', sizeof(int), alignof(int), 4},
    {'I', sizeof(int), alignof(int), 4},
    {'l', sizeof(long), alignof(long), 4},
    {'L', sizeof(long), alignof(long), 4},
    {'q', 8, alignof(int64_t), 8},
    {'Q', 8, alignof(int64_t), 8},
    {'n', sizeof(ptrdiff_t), alignof(ptrdiff_t), 0},
    {'N', sizeof(size_t), alignof(size_t), 0},
    {'e', 2, 2, 2},
    {'f', 4, 4, 4},
    {'d', 8, alignof(double), 8},
    {'g', sizeof(long double), alignof(long double), sizeof(long double)},
    {'u', 2, 2, 2},
    {'w', 4, 4, 4},
    {'P', sizeof(void*), alignof(void*), sizeof(void*)},
    {'O', sizeof(void*), alignof(void*), sizeof(void*)}};

void check_type(const std::string& order, const Type& entry) {
  const std::string format = order + entry.type;
  const char mark = order.empty() ? '@' : order[order.find_first_not_of(" \t")];
  const bool is_native = mark == '@' || mark == '^';
  const int64_t size = is_native ? entry.native : entry.standard;
  if (size == 0) {
    Parsed refused;
    CHECK(parse_format(format.c_str(), 0, &refused.tree, nullptr) == NBUF_ERR_FORMAT);
    return;
  }
  const bool is_other =
      mark == '<' ? !kIsLittle : (mark == '>' || mark == '!') && kIsLittle;
  Parsed p;
  parse(format, &p);
  CHECK(p.node().type == entry.type && p.tree.size == size && p.node().unit == size);
  CHECK(p.node().count == 1 && p.node().swapped == (is_other && size > 1));
  CHECK(p.tree.align == (mark == '@' ? entry.align : 1));
}

void sizes() {
  for (const Type& entry : kTypes)
    for (const char* order : {"", "@", "^", "=", "<", ">", "!", " < ", "\t@\n"})
      check_type(order, entry);
}

struct Place {
  const char* format;
  int64_t itemsize;  // what the exporter says; 0 = nothing
  int64_t size, natural;
  std::vector<int64_t> offsets;  // of the lone record's items, or of the list's
};

// Offsets by hand from PEP 3118, struct and C; LP64.
const Place kPlaces[] = {
    {"ib", 0, 5, 5, {0, 4}},
    {"bi", 0, 8, 8, {0, 4}},
    {"=bi", 0, 5, 5, {0, 1}},
    {"^bi", 0, 5, 5, {0, 1}},
    {"h0q", 0, 8, 8, {0, 8}},
    {"b=i@i", 0, 12, 12, {0, 1, 8}},
    {"T{ib}", 0, 5, 8, {0, 4}},
    {"T{i:a:<b:b:}", 0, 5, 5, {0, 4}},
    {"T{b:a:T{i:x:b:y:}:n:b:c:}", 0, 13, 16, {0, 4, 12}},
    {"(2)3i", 0, 24, 24, {0}},
    {"i(2)hd", 0, 16, 16, {0, 4, 8}},
    {"3t5tbt", 0, 3, 3, {0, 0, 1, 2}},
    {"&<i:p:b", 0, 9, 9, {0, 8}},
    {"bX{i->d}:f:", 0, 16, 16, {0, 8}},
    {"b3xi4x", 0, 12, 12, {0, 1, 4, 8}},
    {"[ns$bfloat16]b[ml.d_t$float8_e5m2]", 0, 4, 4, {0, 2, 3}},
    // NumPy's exporter spells a nested record's trailing padding out.
    {"T{T{i:x:b:y:}:n:xxxb:b:}", 0, 12, 12, {0, 8, 11}},
    {"T{T{i:x:b:y:}:n:xxxb:b:}", 12, 9, 12, {0, 5, 8}},
    {"T{T{i:x:b:y:}:n:xxxi:b:}", 12, 12, 12, {0, 5, 8}},
    {"T{(2)T{i:x:b:y:}:n:xxxxxxb:b:}", 20, 17, 20, {0, 10, 16}},
    {"T{T{i:x:b:y:}:n:3xb:b:}", 12, 12, 12, {0, 8, 11}},
    {"T{T{T{i:p:b:q:}:x:}:n:xxxi:b:}", 12, 12, 12, {0, 5, 8}},
    // ctypes before Python 3.12 leaves padding out, and writes wchar_t as u.
    {"T{<B:a:<I:b:}", 0, 5, 5, {0, 1}},
    {"T{<B:a:<I:b:}", 8, 8, 8, {0, 4}},
    {"T{<B:a:<I:b:}", 5, 5, 5, {0, 1}},
    {"T{<B:a:<I:b:}", 9, 5, 9, {0, 1}},
    {"T{<B:a:<u:b:}", 8, 8, 8, {0, 4}},
    {"T{<B:a:I:b:}", 8, 5, 8, {0, 1}},
    {"T{<i:a:(3)<h:b:}", 12, 10, 12, {0, 4}},
    {"i:a:", 16, 4, 4, {0}},
};

void places() {
  if (sizeof(long) != 8) return;  // these are LP64's
  for (const Place& each : kPlaces) {
    Parsed p;
    parse(each.format, &p, each.itemsize);
    if (!CHECK(p.tree.size == each.size && p.tree.itemsize == each.natural))
      std::fprintf(stderr, "'%s': %lld %lld\n", each.format,
                   static_cast<long long>(p.tree.size),
                   static_cast<long long>(p.tree.itemsize));
    const FormatNode& first = p.node();
    size_t k = 0;
    for (int32_t i = first.type == 'T' && first.next < 0 ? first.child : p.tree.first;
         i >= 0; i = p.tree.nodes[i].next, k++)
      if (!CHECK(k < each.offsets.size() && p.tree.nodes[i].offset == each.offsets[k]))
        std::fprintf(stderr, "'%s': item %d\n", each.format, static_cast<int>(k));
    CHECK(k == each.offsets.size());
  }
}

void characters() {
  if (sizeof(wchar_t) != 4) return;
  Parsed wide, narrow;
  parse("<u", &wide, 4);
  CHECK(wide.tree.size == 4 && wide.node().unit == 4);
  parse("<u", &narrow);
  CHECK(narrow.tree.size == 2 && narrow.node().unit == 2);
}

struct Refusal {
  const char *format, *message;
};

const Refusal kRefusals[] = {
    {"y", "a type (one of"},
    {"<y", "expected at position 1"},
    {"\xff", "expected at position 0"},
    {"-1s", "expected at position 0"},
    {"1 s", "a type (one of"},
    {"i3 h", "expected at position 2"},
    {"Z", "one of e f d g behind Z expected at its end, position 1"},
    {"<Zi", "one of e f d g behind Z expected at position 2"},
    {"=n", "a type other than the native n and N expected at position 1"},
    {"9007199254740992s", "a number below 2^53 expected at position 0"},
    {"i99999999999999999999999999x", "a number below 2^53 expected at position 1"},
    {"12", "a type (one of"},
    {"()i", "an extent expected at position 1"},
    {"(2,)i", "an extent expected at position 3"},
    {"(2 3)i", "',' or ')' expected at position 3"},
    {"(2", "',' or ')' expected at its end, position 2"},
    {"2(2)i", "a type (one of"},
    {"T", "'{' behind T expected at its end"},
    {"T{i", "'}' expected at its end, position 3"},
    {"i}", "a type (one of"},
    {"X", "'{' behind X expected at its end"},
    {"X{{}", "'}' expected at its end"},
    {"&", "the type behind & expected at its end"},
    {"T{&}", "the type behind & expected at position 3"},
    {"i::", "a name expected at position 2"},
    {"i:a", "':' behind the name expected at its end, position 3"},
    {"T{i:\xc3\xa4:i:\xc3\xa4:}",
     "a name that no other item of the record has expected at position 8"},
    {"[bfloat16]", "[namespace$name] expected at position 0"},
    {"[a$b]", "known type in [] expected at position 0"},
    {"(4294967296,4294967296)d", "expected less than 2^53 bytes"},
    {"T{9007199254740991s9007199254740991s}", "expected less than 2^53 bytes"},
    {"(0,4294967296,4294967296)d", "expected less than 2^53 bytes"},
};

void refusals() {
  for (const Refusal& each : kRefusals) {
    nbuf_error error = NBUF_ERROR_INIT;
    Parsed p, q;
    if (!CHECK(parse_format(each.format, 0, &p.tree, &error) == NBUF_ERR_FORMAT))
      std::fprintf(stderr, "accepted '%s'\n", each.format);
    CHECK_TEXT(error.message, each.message);
    CHECK(parse_format(each.format, 0, &q.tree, nullptr) == NBUF_ERR_FORMAT);
  }
}

void limits() {
  for (const std::string& format : {std::string(1000000, 'i'), std::string(65537, 'i'),
                                    [] {
                                      std::string deep;
                                      for (int k = 0; k < 10000; k++) deep += "T{";
                                      return deep;
                                    }(),
                                    std::string(10000, '&') + "i"}) {
    Parsed p;
    CHECK(parse_format(format.c_str(), 0, &p.tree, nullptr) == NBUF_ERR_FORMAT);
  }
  Parsed p;
  parse(std::string(65536, 'i'), &p);
  CHECK(p.tree.nodes.size() == 65536 && p.tree.size == 4 * 65536);
}

void itemsizes() {
  nbuf_error error = NBUF_ERROR_INIT;
  CHECK(check_format("T{i:a:d:b:}", 15, &error) == NBUF_ERR_FORMAT);
  CHECK_TEXT(error.message, "takes 16 bytes, itemsize is 15");
  CHECK(check_format("T{i:a:d:b:}", 16, nullptr) == NBUF_OK);
  CHECK(check_format("T{i:a:b:b:}", 5, nullptr) ==
        NBUF_OK);  // C's padding may be missing
  CHECK(check_format("not a format", 1, nullptr) == NBUF_OK);  // opaque
}

}  // namespace

int main() {
  sizes();
  places();
  characters();
  refusals();
  limits();
  itemsizes();
  return check_result("core_format");
}
