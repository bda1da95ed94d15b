// test_span.cc - nbuf::span: what it reads, what it refuses.
#include <cstdint>

#include "indirect_fixture.h"
#include "nbuf/nbuf.hpp"
#include "pointer_fixture.h"

namespace {

using nbuf::Access;
using nbuf::Provider;
using nbuf::span;

alignas(16) char memory[256];

struct Rgb {
  unsigned char r, g, b;
};
enum class Flag : unsigned char { off, on };

template <class T>
Provider provide(std::int64_t at, std::int32_t ndim, const std::int64_t* shape,
                 const std::int64_t* strides, const char* format,
                 std::uint32_t flags = NBUF_FULL_RO, std::uint32_t provided = 0) {
  nbuf_pointer_export from = describe(memory + at, ndim, shape, strides);
  nbuf_exporter* exporter = nullptr;
  nbuf_error error;
  from.itemsize = sizeof(T);
  from.format = format;
  from.flags = provided;
  from.base = memory;
  from.size = sizeof memory;
  CHECK(nbuf_export_pointer(&from, &exporter, nullptr) == NBUF_OK);
  Provider p = Provider::acquire(exporter, flags, nullptr, error);
  CHECK(bool(p));
  exporter->ops->release(exporter);
  return p;
}

// Sums through s(i, j) and through visit, which must agree.
template <class T>
double sum(const span<T, 2>& s) {
  double plain = 0, visited = 0;
  for (std::int64_t i = 0; i < s.extent(0); i++)
    for (std::int64_t j = 0; j < s.extent(1); j++) plain += s(i, j);
  s.visit([&visited](auto narrow) {
    for (std::int64_t i = 0; i < narrow.extent(0); i++)
      for (std::int64_t j = 0; j < narrow.extent(1); j++) visited += narrow(i, j);
  });
  CHECK(plain == visited);
  return plain;
}

void direct_layouts() {
  double* d = reinterpret_cast<double*>(memory);
  for (int i = 0; i < 12; i++) d[i] = i;
  const std::int64_t shape[] = {3, 4}, turned[] = {4, 3}, t[] = {8, 32}, half[] = {3, 2},
                     step[] = {32, 16}, flip[] = {-32, -8}, zero[] = {0, 8},
                     one[] = {3, 1}, odd[] = {32, 3};
  nbuf_error error = no_error();
  const auto read = [&error](Provider p) {
    return sum(span<const double, 2>::from(p, &error));
  };
  CHECK(read(provide<double>(0, 2, shape, nullptr, "d")) == 66);
  CHECK(read(provide<double>(0, 2, shape, nullptr, "d", NBUF_ND)) == 66);
  CHECK(read(provide<double>(0, 2, turned, t, "=d")) == 66);
  CHECK(read(provide<double>(0, 2, half, step, "@d")) == 0 + 2 + 4 + 6 + 8 + 10);
  CHECK(read(provide<double>(88, 2, shape, flip, "d")) == 66);
  CHECK(read(provide<double>(0, 2, shape, zero, "d")) == 18);
  CHECK(read(provide<double>(0, 2, one, odd, "d")) == 0 + 4 + 8); /* never stepped */
  auto p = provide<double>(0, 2, shape, nullptr, "d");
  auto s = span<double, 2>::from(p, &error);
  s(2u, std::size_t(3)) = 7;
  CHECK(d[11] == 7 && s(2, 3) == 7 && s.extent(0) == 3 && s.extent(1) == 4);
}

void other_dimensions() {
  nbuf_error error = no_error();
  float* f = reinterpret_cast<float*>(memory);
  for (int i = 0; i < 24; i++) f[i] = float(i);
  const std::int64_t shape[] = {2, 3, 4}, empty[] = {0, 3}, bytes[] = {24};
  auto p0 = provide<float>(20, 0, nullptr, nullptr, "f");
  auto s0 = span<float, 0>::from(p0, &error);
  CHECK(s0 && s0() == 5);
  s0.visit([](auto s) { s() = 50; });
  CHECK(f[5] == 50);
  auto p3 = provide<float>(0, 3, shape, nullptr, "f");
  CHECK((span<const float, 3>::from(p3, &error)(1, 2, 3)) == 23);
  auto pe = provide<float>(0, 2, empty, nullptr, "f");
  auto se = span<float, 2>::from(pe, &error);
  CHECK(se && se.extent(0) == 0 && sum(se) == 0);
  auto pb = provide<float>(0, 1, bytes, nullptr, "f", NBUF_SIMPLE);
  auto sb = span<const unsigned char, 1>::from(pb, &error); /* itemsize 4, but bytes */
  CHECK(sb && sb.extent(0) == 96 && sb(3) == memory[3]);
}

void class_types_with_any_stride() {
  nbuf_error error = no_error();
  for (int i = 0; i < 64; i++) memory[i] = char(i);
  const std::int64_t shape[] = {2, 5}, padded[] = {16, 3}, back[] = {-16, -3};
  auto p = provide<Rgb>(0, 2, shape, padded, "T{B:r:B:g:B:b:}");
  auto s = span<Rgb, 2>::from(p, &error);
  CHECK(s && s(1, 4).b == 16 + 12 + 2);
  s.visit([](auto narrow) { narrow(1, 4).g = 99; });
  CHECK(memory[29] == 99);
  auto q = provide<Rgb>(16 + 12, 2, shape, back, "3B");
  CHECK((span<const Rgb, 2>::from(q, &error)(1, 4).r) == 0);
}

template <class T, int N = 1>
nbuf_status refusal(const Provider& p, const char* text) {
  nbuf_error error = no_error();
  const auto s = span<T, N>::from(p, &error);
  CHECK(!s == (error.status != NBUF_OK) && !s == !span<T, N>::from(p, nullptr));
  CHECK_TEXT(error.message, text);
  return error.status;
}

void refusals() {
  const std::int64_t shape[] = {4}, odd[] = {9};
  const auto d = [&shape](const char* f) {
    return provide<double>(0, 1, shape, nullptr, f);
  };
  CHECK((refusal<double, 2>(d("d"), "has 1 dimensions, the span 2")) ==
        NBUF_ERR_OUT_OF_RANGE);
  CHECK(refusal<float>(d("d"), "expected floating-point numbers of 4 bytes, found 8") ==
        NBUF_ERR_FORMAT);
  CHECK(refusal<std::int64_t>(d("d"),
                              "expected signed integers of 8 bytes, found 8 bytes "
                              "of format 'd'") == NBUF_ERR_FORMAT);
  CHECK(refusal<double>(d(">d"), "format '>d'") == NBUF_ERR_FORMAT);
  CHECK(refusal<double>(d("2f"), "format '2f'") == NBUF_ERR_FORMAT);
  CHECK(refusal<double>(d("dd"), "format 'dd'") == NBUF_ERR_FORMAT);
  CHECK(refusal<double>(d(""), "format ''") == NBUF_ERR_FORMAT);
  CHECK(refusal<double>(d("<"), "format '<'") == NBUF_ERR_FORMAT);
  const Provider readonly =
      provide<double>(0, 1, shape, nullptr, "d", NBUF_FULL_RO, NBUF_READONLY);
  CHECK(refusal<double>(readonly, "use a span of const elements") == NBUF_ERR_READONLY);
  CHECK(refusal<const double>(readonly, "") == NBUF_OK);
  CHECK(refusal<double>(provide<double>(4, 1, shape, nullptr, "d"),
                        "not aligned to 8 bytes") == NBUF_ERR_UNSUPPORTED);
  CHECK(refusal<double>(provide<double>(0, 1, shape, odd, "d"),
                        "not aligned to 8 bytes") == NBUF_ERR_UNSUPPORTED);
  CHECK(refusal<double>(Provider(), "there is no provider") == NBUF_ERR_RELEASED);
  nbuf_provider lie = *readonly;
  lie.len++;
  nbuf_error error = no_error();
  CHECK(!span<const double, 1>::from(lie, &error) && error.status == NBUF_ERR_ABI);
  CHECK((!span<double, 3>()));
}

void format_kinds() {
  const std::int64_t shape[] = {4};
  const auto i8 = [&shape](const char* f) {
    return provide<char>(0, 1, shape, nullptr, f);
  };
  const auto i64 = [&shape](const char* f) {
    return provide<double>(0, 1, shape, nullptr, f);
  };
  for (const char* f : {"q", "=q", "<q", "@q", "n", sizeof(long) == 8 ? "l" : "q"}) {
    CHECK(refusal<std::int64_t>(i64(f), "") == NBUF_OK);
    CHECK(refusal<std::uint64_t>(i64(f), "unsigned integers") == NBUF_ERR_FORMAT);
  }
  CHECK(refusal<std::uint64_t>(i64("N"), "") == NBUF_OK);
  CHECK(refusal<std::int64_t>(i64("=l"), "format '=l'") == NBUF_ERR_FORMAT); /* 4 bytes */
  CHECK(refusal<std::int64_t>(i64("<n"), "format '<n'") == NBUF_ERR_FORMAT);
  for (const char* f : {"B", "?", "c", ">B", "!c"})
    CHECK(refusal<unsigned char>(i8(f), "") == NBUF_OK);
  CHECK(refusal<unsigned char>(i8("b"), "") == NBUF_ERR_FORMAT);
  for (const char* f : {"b", "B", "c"}) CHECK(refusal<char>(i8(f), "") == NBUF_OK);
  CHECK(refusal<std::int8_t>(i8("b"), "") == NBUF_OK);
  CHECK(refusal<Flag>(i8("?"), "") == NBUF_OK);
  CHECK(refusal<double>(provide<double>(0, 1, shape, nullptr, "q", NBUF_ND), "") ==
        NBUF_OK);
}

void indirect_layouts() {
  image it;
  nbuf_provider* p = image_init(&it);
  nbuf_error error = no_error();
  const auto pil = span<std::int16_t, 2>::from(*p, &error);
  CHECK(pil && pil(2, 3) == 23 && sum(pil) == 3 * 6 + 4 * 30);
  pil(1, 2) = 50;
  CHECK(it.rows[1][3] == 50);
  image_use_levels(&it);
  it.axis_level[0] = 1, it.axis_level[1] = 0; /* transposed */
  it.shape[0] = kColumns, it.shape[1] = kRows;
  it.strides[0] = 2, it.strides[1] = sizeof(void*);
  const auto turned = span<std::int16_t, 2>::from(*p, &error);
  CHECK(turned && turned(3, 2) == 23 && turned(2, 1) == 50);
  CHECK((span<std::int16_t, 2, Access::indirect>::from(*p, &error)(3, 2)) == 23);
  CHECK((!span<std::int16_t, 2, Access::strided>::from(*p, &error)));
  CHECK(error.status == NBUF_ERR_SUBOFFSETS);
  it.post[0] = 3; /* every element is odd now */
  CHECK((!span<std::int16_t, 2>::from(*p, &error)));
  it.shape[0] = 3, p->len = 18;
  CHECK((!span<std::int16_t, 2>::from(*p, &error)) &&
        error.status == NBUF_ERR_UNSUPPORTED);
}

void narrow_types() {
  const std::int64_t shape[] = {3, 4}, t[] = {1, 3};
  nbuf_error error = no_error();
  auto c = provide<char>(0, 2, shape, nullptr, "c"),
       f = provide<char>(0, 2, shape, t, "c");
  CHECK((bool(span<char, 2, Access::rows>::from(c, &error))));
  CHECK((!span<char, 2, Access::rows>::from(f, &error)));
  CHECK(error.status == NBUF_ERR_CONTIGUITY);
  CHECK((bool(span<char, 2, Access::strided>::from(f, &error))));
  CHECK((!span<char, 2, Access::indirect>::from(c, &error)));
  CHECK(error.status == NBUF_ERR_SUBOFFSETS);
}

}  // namespace

int main() {
  direct_layouts();
  other_dimensions();
  class_types_with_any_stride();
  refusals();
  format_kinds();
  indirect_layouts();
  narrow_types();
  return check_result("span");
}
