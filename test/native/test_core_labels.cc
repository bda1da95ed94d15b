// test_core_labels.cc - lock errors name the holders, and refused requests leave none.
#include <string>

#include "core_fixture.h"

using namespace nbuf::core;

namespace {

#define ARROW " \xe2\x86\x90 "

int64_t fake_time;

HostArray* make_array() {
  const int64_t shape[] = {2, 3};
  Memory* memory = nullptr;
  HostArray* array = nullptr;
  LayoutSpec spec;
  spec.ndim = 2;
  spec.shape = shape;
  CHECK(make_heap_memory(6, 64, &memory, nullptr) == NBUF_OK);
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  array->locks.now = [] { return fake_time; };
  return array;
}

Provider* get(HostArray* array, const char* label, uint32_t flags = NBUF_FULL) {
  const nbuf_request request = request_of(flags, label);
  Provider* out;
  uint32_t epoch;
  CHECK(acquire(array, &request, &out, &epoch, nullptr) == NBUF_OK);
  return out;
}

Provider* child_of(Provider* parent, const char* label) {
  const nbuf_request request = request_of(NBUF_FULL, label);
  Provider* out;
  CHECK(reexport(parent, LayoutSpec{}, 0, &request, &out, nullptr) == NBUF_OK);
  return out;
}

std::string resize_error(HostArray* array) {
  const int64_t shape[] = {9};
  nbuf_error error = no_error();
  CHECK(resize(array, 1, shape, &error) == NBUF_ERR_LOCKED);
  return error.message;
}

std::string layout_error(HostArray* array) {
  nbuf_error error = no_error();
  CHECK(set_layout(array, LayoutChange{}, &error) == NBUF_ERR_LOCKED);
  return error.message;
}

void holders() {
  HostArray* array = make_array();
  fake_time = 1000;
  Provider* encoder = get(array, "encoder");
  fake_time = 1012;
  CHECK(resize_error(array) == "the memory is locked by 1 provider ('encoder', 12 ms)");
  CHECK(layout_error(array) == "the layout is locked by 1 provider ('encoder', 12 ms)");
  Provider* anybody = get(array, nullptr);
  Provider* viewer = get(array, "viewer", NBUF_FULL | NBUF_LAYOUT_SNAPSHOT);
  Provider* crop = child_of(encoder, "crop");
  Provider* nested = child_of(crop, "red");
  fake_time = 11012;
  CHECK(resize_error(array) ==
        "the memory is locked by 5 providers ('encoder', 10 s; 'viewer', 10 s; "
        "'crop" ARROW "encoder', 10 s; 'red" ARROW "crop" ARROW "encoder', 10 s)");
  CHECK(layout_error(array) == "the layout is locked by 2 providers ('encoder', 10 s)");
  unlock_layout(encoder);
  CHECK(layout_error(array) == "the layout is locked by 1 provider");
  release(encoder);
  release(anybody);
  release(viewer);
  CHECK(resize_error(array) == "the memory is locked by 2 providers ('crop" ARROW
                               "encoder', 10 s; 'red" ARROW "crop" ARROW
                               "encoder', 10 s)");
  release(crop);
  release(nested);
  release_owner(array);
}

// The caller's text is borrowed for the call, and 63 bytes of it are kept.
void label_text() {
  HostArray* array = make_array();
  fake_time = 0;
  std::string label(61, 'a');
  label += "\xe2\x86\x90tail";  // the character that byte 63 would split goes whole
  Provider* p = get(array, label.c_str());
  label.assign(label.size(), '?');
  const std::string kept(61, 'a');
  CHECK(p->label() == kept);
  CHECK(resize_error(array) ==
        "the memory is locked by 1 provider ('" + kept + "', 0 ms)");
  Provider* child = child_of(p, label.c_str());
  CHECK(child->label() == label.substr(0, 63) + ARROW + kept);
  release(p);
  Provider* empty = get(array, "");
  CHECK(empty->label() == nullptr);
  Provider* named = child_of(empty, "named");
  CHECK(std::strcmp(named->label(), "named") == 0);
  Provider* unnamed = child_of(named, nullptr);
  CHECK(std::strcmp(unnamed->label(), "view" ARROW "named") == 0);
  for (Provider* each : {child, empty, named, unnamed}) release(each);
  release_owner(array);
}

// What a collected Provider leaves behind holds its lock under another name.
void relabelled() {
  HostArray* array = make_array();
  fake_time = 5;
  Provider* p = get(array, "frame");
  Provider* before = child_of(p, "before");
  fake_time = 105;
  relabel_in_host(p, "ArrayBuffer");
  Provider* after = child_of(p, "after");
  fake_time = 107;
  CHECK(resize_error(array) ==
        "the memory is locked by 3 providers ('ArrayBuffer', 2 ms; 'before" ARROW
        "frame', 102 ms; 'after" ARROW "ArrayBuffer', 2 ms)");
  for (Provider* each : {p, before, after}) release(each);
  // The next holder is not taken for the last one.
  p = get(array, nullptr);
  CHECK(resize_error(array) == "the memory is locked by 1 provider");
  release(p);
  release_owner(array);
}

void refused_requests() {
  HostArray* array = make_array();
  const int64_t shape[] = {6};
  const struct {
    uint32_t flags;
    Status expected;
  } table[] = {{NBUF_F_CONTIGUOUS, NBUF_ERR_CONTIGUITY},
               {NBUF_FORMAT, NBUF_ERR_FORMAT},
               {0x2u, NBUF_ERR_UNSUPPORTED},
               {0x80000000u, NBUF_ERR_UNSUPPORTED},
               {UINT32_MAX, NBUF_ERR_UNSUPPORTED}};
  for (const char* label : {static_cast<const char*>(nullptr), "refused"}) {
    for (const auto& entry : table) {
      const nbuf_request request = request_of(entry.flags, label);
      nbuf_error error = no_error();
      Provider* out = reinterpret_cast<Provider*>(array);
      uint32_t epoch;
      CHECK(acquire(array, &request, &out, &epoch, &error) == entry.expected);
      CHECK(out == nullptr && error.status == entry.expected);
      CHECK(array->locks.memory == 0 && array->locks.layout == 0);
      CHECK(resize(array, 1, shape, nullptr) == NBUF_OK);
      const int64_t back[] = {2, 3};
      CHECK(resize(array, 2, back, nullptr) == NBUF_OK);
    }
  }
  nbuf_request small = request_of(NBUF_FULL);
  small.struct_size = 8;
  nbuf_provider* out = reinterpret_cast<nbuf_provider*>(array);
  CHECK(array->pub.ops->acquire(&array->pub, &small, &out, nullptr) == NBUF_ERR_ABI);
  CHECK(out == nullptr);
  CHECK(array->pub.ops->acquire(&array->pub, nullptr, &out, nullptr) == NBUF_ERR_ABI);
  release_owner(array);
}

// Whoever comes after others gets its own answer, not what they were granted.
void different_requests_in_turn() {
  HostArray* array = make_array();
  const int64_t shape[] = {3, 2};
  const uint32_t flags[] = {NBUF_FULL,    NBUF_SIMPLE, NBUF_ND,
                            NBUF_STRIDES, NBUF_SIMPLE, NBUF_RECORDS};
  for (int round = 0; round < 2; round++) {
    for (const uint32_t each : flags) {
      Provider* p = get(array, nullptr, each);
      CHECK((p->pub.shape != nullptr) == ((each & NBUF_ND) != 0));
      CHECK((p->pub.strides != nullptr) == ((each & NBUF_STRIDES) == NBUF_STRIDES));
      CHECK((p->pub.format != nullptr) == ((each & NBUF_FORMAT) != 0));
      CHECK(p->pub.shape == nullptr || p->pub.shape[0] == 2 + round);
      CHECK(p->pub.len == 6 && nbuf_validate(&p->pub, nullptr) == NBUF_OK);
      release(p);
    }
    const int32_t ndim = 2;
    LayoutChange change;
    change.ndim = &ndim;
    change.shape = shape;
    CHECK(set_layout(array, change, nullptr) == NBUF_OK);
  }
  release_owner(array);
}

}  // namespace

int main() {
  holders();
  label_text();
  relabelled();
  refused_requests();
  different_requests_in_turn();
  return check_result("core_labels");
}
