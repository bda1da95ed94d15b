// test_core_format_limits.cc - formats that are too much, in one way or another: an error
// with its reason, at once.
#include <chrono>
#include <string>

#include "check.h"
#include "core/format.h"

using namespace nbuf::core;

namespace {

using Clock = std::chrono::steady_clock;

// Sanitizers slow everything down, a busy machine too: of several attempts one must do.
#if defined(__SANITIZE_THREAD__)
constexpr auto kMaxTime = std::chrono::milliseconds(500);
#else
constexpr auto kMaxTime = std::chrono::milliseconds(50);
#endif
constexpr int kAttempts = 5;

std::string repeated(const std::string& text, int count) {
  std::string all;
  all.reserve(text.size() * static_cast<size_t>(count));
  for (int i = 0; i < count; i++) all += text;
  return all;
}

Clock::duration parse(const std::string& format, Status* status, Error* error) {
  const auto start = Clock::now();
  FormatTree tree;
  *error = NBUF_ERROR_INIT;
  *status = parse_format(format.c_str(), 0, &tree, error);
  return Clock::now() - start;
}

void refuses(const char* name, const std::string& format, const char* reason) {
  Clock::duration best = Clock::duration::max();
  for (int attempt = 0; attempt < kAttempts && best >= kMaxTime; attempt++) {
    Status status;
    Error error;
    const Clock::duration time = parse(format, &status, &error);
    if (time < best) best = time;
    if (!CHECK(status == NBUF_ERR_FORMAT)) std::fprintf(stderr, "%s\n", name);
    CHECK_TEXT(error.message, reason);
  }
  const auto found = std::chrono::duration_cast<std::chrono::microseconds>(best).count();
  if (!CHECK(best < kMaxTime)) std::fprintf(stderr, "%s: %d us\n", name, int(found));
}

void accepts(const char* name, const std::string& format, int64_t size) {
  FormatTree tree;
  Error error = NBUF_ERROR_INIT;
  if (!CHECK(parse_format(format.c_str(), 0, &tree, &error) == NBUF_OK))
    std::fprintf(stderr, "%s: %s\n", name, error.message);
  else if (!CHECK(tree.itemsize == size))
    std::fprintf(stderr, "%s: %lld bytes\n", name, static_cast<long long>(tree.itemsize));
}

void lengths() {
  const int most = kMaxFormatLength;
  const std::string position = std::to_string(most);
  refuses("a million items", repeated("i", 1000000), position.c_str());
  refuses("a million blanks", repeated(" ", 1000000), position.c_str());
  refuses("a million digits", repeated("1", 1000000), position.c_str());
  refuses("a million orders", repeated("<", 1000000), position.c_str());
  refuses("a long name", "i:" + repeated("n", 1000000) + ":", position.c_str());
  refuses("one character too many", repeated(" ", most + 1), position.c_str());
  accepts("as many as there may be", repeated(" ", most - 1) + "i", 4);
  accepts("as long a name", "i:" + repeated("n", most - 3) + ":", 4);
}

void items() {
  const int most = kMaxFormatItems;
  accepts("as many items", repeated("i", most), int64_t{4} * most);
  refuses("one item too many", repeated("i", most + 1), "65536");
  refuses("too many extents", repeated("(1,1)i", 40000), "65536");
  refuses("too many axes", "(1" + repeated(",1", 64) + ")i", "64");
  accepts("as many axes", "(1" + repeated(",1", 63) + ")i", 4);
  // All x's are one item.
  accepts("many x's", repeated("x", kMaxFormatLength), kMaxFormatLength);
}

void groups() {
  const int most = kMaxFormatDepth;
  accepts("as deep", repeated("T{", most) + "i" + repeated("}", most), 4);
  refuses("one too deep", repeated("T{", most + 1) + "i" + repeated("}", most + 1), "64");
  refuses("10000 nested records", repeated("T{", 10000) + "i" + repeated("}", 10000),
          "position");
  refuses("unterminated groups", repeated("T{", 1000000), "position");
  refuses("unterminated groups within the length", repeated("T{", 100000), "position");
  refuses("unterminated signatures", repeated("X{", 100000), "'}'");
  refuses("a million unterminated signatures", repeated("X{", 1000000), "position");
  refuses("many pointers", repeated("&", 100000) + "i", "64");
  refuses("many closing braces", repeated("}", 100000), "position 0");
  refuses("unterminated shapes", repeated("(", 100000), "position 1");
  refuses("unterminated names", repeated("i:", 100000), "position");
}

void numbers() {
  refuses("2^63 items", "9223372036854775808i", "position 0");
  refuses("2^64 items", "18446744073709551616i", "position 0");
  refuses("2^64 + 1 items", "18446744073709551617i", "position 0");
  refuses("an extent of 2^63", "(9223372036854775808)i", "position 1");
  refuses("digits without end", repeated("9", 200000) + "i", "position 0");
  refuses("2^53 bytes", "9007199254740992x", "2^53");
  accepts("one byte less", "9007199254740991x", 9007199254740991);
  refuses("items of 8 bytes", "1125899906842624q", "2^53");
  refuses("extents whose product wraps", "(4294967296,4294967296)B", "2^53");
  refuses("a 0 beside them", "(0,4294967296,4294967296)B", "2^53");
  refuses("sums", "9007199254740991xx", "2^53");
  refuses("bits", "9007199254740991t9007199254740991t", "2^53");
  refuses("padding at the end", "T{q9007199254740983x}", "2^53");
  refuses("nested", "(1048576)T{(1048576)T{(1048576)i}}", "2^53");
}

void names() {
  std::string equal, different;
  for (int i = 0; i < 60000; i++) equal += "x:a:";
  refuses("60000 equal names", equal, "a name that no other item");
  for (int i = 0; i < 30000; i++) different += "b:" + std::to_string(i) + ":";
  accepts("30000 names", different, 30000);
  refuses("the last is the first", different + "b:0:", "a name that no other item");
  const std::string record = "T{" + repeated("b", 100) + "}";
  accepts("many records", repeated(record, 600), 60000);
}

}  // namespace

int main() {
  lengths();
  items();
  groups();
  numbers();
  names();
  return check_result("core_format_limits");
}
