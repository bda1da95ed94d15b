// test_exporter.cc - nbuf::Exporter, export_vector and export_owned: who owns what.
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "nbuf/nbuf.hpp"
#include "pointer_fixture.h"

namespace {

using nbuf::Exporter;
static_assert(!std::is_copy_constructible<Exporter>::value, "move-only");
static_assert(std::is_nothrow_move_constructible<Exporter>::value, "moves do not throw");
static_assert(sizeof(Exporter) == sizeof(void*), "one pointer");

int deleted;
struct Count {
  void operator()(const int* p) const {
    deleted++;
    delete[] p;
  }
};
using Lease = std::unique_ptr<int[], Count>;

nbuf::Provider all_of(const Exporter& exporter) {
  nbuf_error error;
  return nbuf::Provider::acquire(exporter.get(), NBUF_FULL_RO, "test", error);
}

void a_vector_moves_in() {
  std::vector<float> values(12, 0.5f);
  const float* data = values.data();
  Exporter exporter = nbuf::export_vector(std::move(values), {3, 4}, nullptr);
  CHECK(exporter && exporter.get() != nullptr);
  nbuf::Provider p = all_of(exporter);
  CHECK(p->buf == data && p->ndim == 2 && p->shape[1] == 4 && p->itemsize == 4);
  CHECK(std::strcmp(p->format, "f") == 0 && (p->flags & NBUF_READONLY) == 0);
  CHECK(p->blocks[0].base == data && p->blocks[0].size == 48);
  exporter.release();
  CHECK(!exporter);
  CHECK(static_cast<float*>(p->buf)[11] == 0.5f);
}

// Their elements lie in the object itself, which moves.
void other_containers() {
  Exporter array = nbuf::export_vector(std::array<int16_t, 3>{7, 8, 9}, {}, nullptr);
  nbuf::Provider p = all_of(array);
  CHECK(p->ndim == 1 && p->shape[0] == 3 && static_cast<int16_t*>(p->buf)[2] == 9);
  Exporter text = nbuf::export_vector(std::string("short"), {}, nullptr);
  nbuf::Provider q = all_of(text);
  CHECK(q->len == 5 && std::memcmp(q->buf, "short", 5) == 0 && q->format[0] == 'c');
  Exporter none = nbuf::export_vector(std::vector<double>(), {0, 5}, nullptr);
  CHECK(all_of(none)->len == 0);
}

void shapes_are_checked() {
  nbuf_error error = no_error();
  Exporter few = nbuf::export_vector(std::vector<int>(6), {2, 2}, &error);
  CHECK(few && all_of(few)->len == 16);
  CHECK(!nbuf::export_vector(std::vector<int>(6), {7}, &error));
  CHECK(error.status == NBUF_ERR_BOUNDS);
  CHECK(!nbuf::export_vector(std::vector<int>(6), {-1}, &error));
}

void an_owner_lives_as_long_as_the_last_provider() {
  const int64_t shape[] = {4};
  nbuf_pointer_export from{};
  Lease lease(new int[4]{1, 2, 3, 4});
  from.buf = lease.get();
  from.itemsize = sizeof(int), from.format = "i";
  from.ndim = 1, from.shape = shape;
  deleted = 0;
  Exporter exporter = nbuf::export_owned(std::move(lease), from, nullptr);
  nbuf::Provider p = all_of(exporter);
  Exporter other = exporter.share();
  exporter.release();
  other = Exporter();
  CHECK(deleted == 0 && static_cast<int*>(p->buf)[3] == 4);
  p.release();
  CHECK(deleted == 1);
}

void a_refused_owner_is_destroyed_once() {
  nbuf_error error = no_error();
  nbuf_pointer_export from{};
  deleted = 0;
  CHECK(!nbuf::export_owned(Lease(new int[1]), from, &error));  // no itemsize
  CHECK(error.status == NBUF_ERR_OUT_OF_RANGE && deleted == 1);
  auto shared = std::make_shared<int>(5);
  from.itemsize = 4, from.buf = shared.get();
  Exporter zero = nbuf::export_owned(shared, from, &error);
  CHECK(zero && shared.use_count() == 2);
  zero.release();
  CHECK(shared.use_count() == 1);
}

void formats() {
  CHECK(std::strcmp(nbuf::format_of<const unsigned char>(), "B") == 0);
  CHECK(std::strcmp(nbuf::format_of<long long>(), "q") == 0);
  CHECK(std::strcmp(nbuf::format_of<unsigned short>(), "H") == 0);
  CHECK(std::strcmp(nbuf::format_of<long double>(), "g") == 0);
  CHECK(nbuf::detail::format_matches<long>(nbuf::format_of<long>()));
  CHECK(nbuf::detail::format_matches<unsigned long>(nbuf::format_of<unsigned long>()));
}

}  // namespace

int main() {
  a_vector_moves_in();
  other_containers();
  shapes_are_checked();
  an_owner_lives_as_long_as_the_last_provider();
  a_refused_owner_is_destroyed_once();
  formats();
  return check_result("exporter");
}
