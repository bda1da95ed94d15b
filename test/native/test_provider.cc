// test_provider.cc - nbuf::Provider owns one reference.
#include <type_traits>
#include <utility>

#include "nbuf/nbuf.hpp"
#include "pointer_fixture.h"

namespace {

using nbuf::Provider;
static_assert(!std::is_copy_constructible<Provider>::value, "move-only");
static_assert(std::is_nothrow_move_constructible<Provider>::value, "moves do not throw");
static_assert(sizeof(Provider) == sizeof(void*), "one pointer");

char memory[24];

nbuf_exporter* make_exporter() {
  const int64_t shape[] = {4, 6};
  const nbuf_pointer_export from = describe(memory, 2, shape, nullptr);
  nbuf_exporter* exporter = nullptr;
  CHECK(nbuf_export_pointer(&from, &exporter, nullptr) == NBUF_OK);
  return exporter;
}

void references() {
  nbuf_exporter* exporter = make_exporter();
  nbuf_error error;  // uninitialized on purpose: acquire sets all of it
  std::memset(&error, 0xa5, sizeof error);
  {
    Provider p = Provider::acquire(exporter, NBUF_FULL, "test", error);
    CHECK(p && p->ndim == 2 && (*p).len == 24 && p.get()->buf == memory);
    CHECK(error.status == NBUF_OK && locks_of(exporter) == 101);
    Provider q = p.share();
    CHECK(q.get() == p.get() && locks_of(exporter) == 101);
    p.unlock_layout();
    q.unlock_layout();
    CHECK(locks_of(exporter) == 100);
    p.release();
    p.release();
    CHECK(!p && locks_of(exporter) == 100);
    p = std::move(q);
    CHECK(p && !q && locks_of(exporter) == 100);
    Provider other = Provider::acquire(exporter, NBUF_FULL, nullptr, error);
    CHECK(locks_of(exporter) == 201);
    other = std::move(p);  // drops the second, keeps the first
    CHECK(locks_of(exporter) == 100);
    Provider& same = other;
    other = std::move(same);
    CHECK(other && locks_of(exporter) == 100);
    nbuf_provider* raw = other.disown();
    CHECK(!other && locks_of(exporter) == 100);
    Provider::adopt(raw);
    CHECK(locks_of(exporter) == 0);
  }
  Provider empty = Provider::adopt(nullptr);
  empty.unlock_layout();
  CHECK(!empty && !empty.share() && empty.disown() == nullptr);
  exporter->ops->release(exporter);
}

void refusals() {
  nbuf_exporter* exporter = make_exporter();
  nbuf_error error;
  CHECK(!Provider::acquire(exporter, 0x2u, nullptr, error));
  CHECK(error.status == NBUF_ERR_UNSUPPORTED);
  CHECK(!Provider::acquire(nullptr, 0, nullptr, error));
  CHECK(error.status == NBUF_ERR_ABI);
  exporter->ops->release(exporter);
}

// An exporter that says OK and gives whatever `given` points at.
nbuf_provider* given;
nbuf_status given_status;
int released;
void retain_nothing(nbuf_provider*) {}
void count_release(nbuf_provider*) { released++; }
nbuf_status give(nbuf_exporter*, const nbuf_request*, nbuf_provider** out, nbuf_error*) {
  *out = given;
  return given_status;
}

void hostile_exporters() {
  nbuf_exporter_ops ops = {sizeof ops, 0, nullptr, nullptr, give};
  nbuf_exporter exporter = {&ops};
  nbuf_provider_ops provider_ops = {sizeof provider_ops, 0, retain_nothing, count_release,
                                    retain_nothing};
  nbuf_provider p = {};
  nbuf_error error;
  CHECK(!Provider::acquire(&exporter, 0, nullptr, error) && error.status == NBUF_ERR_ABI);
  p.struct_size = sizeof p;
  given = &p;  // without ops: it cannot even be released
  CHECK(!Provider::acquire(&exporter, 0, nullptr, error) && error.status == NBUF_ERR_ABI);
  p.ops = &provider_ops;
  p.ndim = 65;
  CHECK(!Provider::acquire(&exporter, 0, nullptr, error) && released == 1);
  CHECK_TEXT(error.message, "ndim 65");
  given_status = NBUF_ERR_IO;  // fails without a word
  CHECK(!Provider::acquire(&exporter, 0, nullptr, error) && released == 1);
  CHECK(error.status == NBUF_ERR_IO);
  CHECK_TEXT(error.message, "input or output failed");
  ops.acquire = nullptr;
  CHECK(!Provider::acquire(&exporter, 0, nullptr, error) && error.status == NBUF_ERR_ABI);
}

}  // namespace

int main() {
  references();
  refusals();
  hostile_exporters();
  return check_result("provider");
}
