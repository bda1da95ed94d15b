// layout_tool.cc - replays layout operations for test/layout_core.test.ts.
//
// One operation a line, one answer a line:
//   OP NDIM shape... strides... offset itemsize LEVELS axis_level... post... ARGS...
//     axis_level and post only where LEVELS > 1
//     slice  (i N | : | ... | newaxis | r START STOP STEP, with - for what is left
//     out)... at, transpose, reshape, broadcast  N... contiguous  C | F | A fits
//     BLOCK_SIZE
//   ok NDIM shape... strides... offset LEVELS axis_level... post...
//   | yes | no | error NAME
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/layout.h"
#include "core/layout_algebra.h"

using namespace nbuf::core;

namespace {

[[noreturn]] void malformed(const std::string& what) {
  std::fprintf(stderr, "layout_tool: malformed %s\n", what.c_str());
  std::exit(2);
}

int64_t number_of(const std::string& word) {
  char* end;
  const int64_t value = std::strtoll(word.c_str(), &end, 10);
  if (word.empty() || *end != '\0') malformed("number '" + word + "'");
  return value;
}

int64_t read_number(std::istream& in) {
  std::string word;
  in >> word;
  return number_of(word);
}

Axes read_axes(std::istream& in) {
  Axes axes;
  axes.ndim = static_cast<int32_t>(read_number(in));
  if (axes.ndim < 0 || axes.ndim > NBUF_MAX_NDIM) malformed("ndim");
  for (int32_t i = 0; i < axes.ndim; i++) axes.shape[i] = read_number(in);
  for (int32_t i = 0; i < axes.ndim; i++) axes.strides[i] = read_number(in);
  axes.offset = read_number(in);
  axes.itemsize = read_number(in);
  axes.levels = static_cast<int32_t>(read_number(in));
  if (axes.levels < 1 || axes.levels > NBUF_MAX_NDIM) malformed("levels");
  for (int32_t i = 0; i < axes.ndim && axes.levels > 1; i++)
    axes.axis_level[i] = static_cast<int32_t>(read_number(in));
  for (int32_t i = 0; i + 1 < axes.levels; i++) axes.post[i] = read_number(in);
  return axes;
}

std::vector<int64_t> read_rest(std::istream& in) {
  std::vector<int64_t> rest;
  for (std::string word; in >> word;) rest.push_back(number_of(word));
  return rest;
}

Select read_range(std::istream& in) {
  Select range{Select::Kind::range};
  std::string start, stop, step;
  in >> start >> stop >> step;
  range.has_start = start != "-";
  range.has_stop = stop != "-";
  if (range.has_start) range.start = number_of(start);
  if (range.has_stop) range.stop = number_of(stop);
  if (step != "-") range.step = number_of(step);
  return range;
}

std::vector<Select> read_selection(std::istream& in) {
  std::vector<Select> selection;
  for (std::string word; in >> word;) {
    if (word == "i")
      selection.push_back({Select::Kind::index, read_number(in)});
    else if (word == ":")
      selection.push_back({Select::Kind::all});
    else if (word == "...")
      selection.push_back({Select::Kind::ellipsis});
    else if (word == "newaxis")
      selection.push_back({Select::Kind::newaxis});
    else if (word == "r")
      selection.push_back(read_range(in));
    else
      malformed("selection '" + word + "'");
  }
  return selection;
}

// The answer of an operation that makes another layout.
Status run(const std::string& op, const Axes& axes, std::istream& in, Axes* out) {
  if (op == "slice") {
    const std::vector<Select> selection = read_selection(in);
    return slice(axes, selection.data(), static_cast<int32_t>(selection.size()), out,
                 nullptr);
  }
  const std::vector<int64_t> args = read_rest(in);
  const auto count = static_cast<int32_t>(args.size());
  if (op == "reshape") return reshape(axes, count, args.data(), out, nullptr);
  if (op == "broadcast") return broadcast(axes, count, args.data(), out, nullptr);
  // The core takes one entry per axis; lib/ counts what it was given.
  const bool is_reversal = op == "transpose" && count == 0;
  if (count != axes.ndim && !is_reversal) return NBUF_ERR_OUT_OF_RANGE;
  if (op == "transpose") {
    const std::vector<int32_t> order(args.begin(), args.end());
    return transpose(axes, is_reversal ? nullptr : order.data(), out, nullptr);
  }
  if (op != "at") malformed("operation '" + op + "'");
  std::vector<Select> selection;
  for (const int64_t index : args) selection.push_back({Select::Kind::index, index});
  return slice(axes, selection.data(), count, out, nullptr);
}

bool is_contiguous(const Axes& axes, std::istream& in) {
  std::string order;
  in >> order;
  const uint32_t bits =
      nbuf_layout_contiguity_(axes.ndim, axes.shape, axes.strides, axes.itemsize);
  const uint32_t wanted = order == "C"   ? NBUF_IS_C_
                          : order == "F" ? NBUF_IS_F_
                                         : NBUF_IS_C_ | NBUF_IS_F_;
  return (bits & wanted) != 0;
}

bool fits(const Axes& axes, int64_t block_size) {
  Layout* layout;
  const LayoutSpec spec = {axes.ndim,   axes.shape,    axes.strides,
                           axes.offset, axes.itemsize, "opaque"};
  if (make_layout(spec, block_size, &layout, nullptr) != NBUF_OK) return false;
  free_layout(layout);
  return true;
}

void print_axes(const Axes& axes) {
  std::cout << "ok " << axes.ndim;
  for (int32_t i = 0; i < axes.ndim; i++) std::cout << ' ' << axes.shape[i];
  for (int32_t i = 0; i < axes.ndim; i++) std::cout << ' ' << axes.strides[i];
  std::cout << ' ' << axes.offset << ' ' << axes.levels;
  for (int32_t i = 0; i < axes.ndim && axes.levels > 1; i++)
    std::cout << ' ' << axes.axis_level[i];
  for (int32_t i = 0; i + 1 < axes.levels; i++) std::cout << ' ' << axes.post[i];
  std::cout << '\n';
}

void answer(const std::string& line) {
  std::istringstream in(line);
  std::string op;
  in >> op;
  const Axes axes = read_axes(in);
  Axes out;
  if (op == "contiguous" || op == "fits") {
    const bool yes = op == "fits" ? fits(axes, read_number(in)) : is_contiguous(axes, in);
    std::cout << (yes ? "yes\n" : "no\n");
    return;
  }
  const Status status = run(op, axes, in, &out);
  if (status == NBUF_OK)
    print_axes(out);
  else
    std::cout << "error " << nbuf_status_code(status) << '\n';
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) answer(line);
  return 0;
}
