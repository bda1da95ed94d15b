// host_world.h - one HostArray, its providers and re-exports beside their model, and
// every operation on them.
#ifndef NBUF_TEST_HOST_WORLD_H
#define NBUF_TEST_HOST_WORLD_H

#include <cctype>

#include "core/view_exporter.h"
#include "host_model.h"

namespace world {

using namespace nbuf::core;

// A provider, or a re-export of one, and what must stay true of it.
struct Held {
  Provider* provider;
  int refs;
  bool has_layout;
  ModelLayout layout;
  const int64_t* shape_at;
  std::string label;  // composed
  Lease* lease;
};

struct View {
  nbuf_exporter* exporter;
  Lease* lease;
  ModelLayout layout;
};

// "('a', 12 ms; 'b', 0 ms)" becomes "('a'; 'b')".
inline std::string without_ages(const char* message) {
  std::string text;
  for (const char* at = message; *at != '\0'; at++) {
    const bool is_age = std::strncmp(at, "', ", 3) == 0 && std::isdigit(at[3]) != 0;
    text += *at;
    if (is_age) at = std::strstr(at, " ms") + 2;
  }
  return text;
}

inline std::string composed(const std::string& label, const std::string& parent) {
  if (parent.empty()) return label;
  return (label.empty() ? "view" : label) + " \xe2\x86\x90 " + parent;
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed), counted_(48) {
    model_.is_heap = random_.chance(60);
    model_.layout.shape = {4, 6};
    model_.layout.pack(random_.chance(40));
    Memory* memory = nullptr;
    if (model_.is_heap)
      CHECK(make_heap_memory(48, 64, &memory, nullptr) == NBUF_OK);
    else
      memory = counted_.adopt();
    model_.block.assign(48, 0);
    CHECK(make_host_array(memory, model_.layout.spec(), false, &array_, nullptr) ==
          NBUF_OK);
  }
  void step();
  void finish();
  void check() const;

  int refused = 0, changed = 0;

 private:
  size_t any(size_t count) {
    return static_cast<size_t>(random_.between(0, static_cast<int64_t>(count) - 1));
  }
  std::string some_label();
  ModelLayout some_layout();
  std::string locked_by(bool layout_only) const;
  void expect(Status found, Status expected, const nbuf_error& error, bool layout_only);
  void hold(Provider* provider, bool has_layout, const ModelLayout& layout,
            const std::string& label);
  void acquire_one();
  void release_one();
  void unlock_one();
  void write_one();
  void set_one_layout();
  void resize_one();
  void reexport_one();
  void make_view();
  void acquire_view();

  Random random_;
  CountedBytes counted_;
  HostModel model_{};
  HostArray* array_ = nullptr;
  std::vector<Held> held_;
  std::vector<View> views_;
};

inline std::string World::some_label() {
  return random_.chance(40) ? "" : "h" + std::to_string(random_.between(1, 99));
}

inline ModelLayout World::some_layout() {
  ModelLayout layout;
  for (int64_t i = random_.between(0, 3); i > 0; i--)
    layout.shape.push_back(random_.chance(5) ? 0 : random_.between(1, 5));
  if (random_.chance(30)) {
    layout.itemsize = 2;
    layout.format = "<H";
  }
  layout.pack(random_.chance(40));
  if (random_.chance(20)) layout.offset = random_.between(-1, 30);
  if (random_.chance(15))
    for (int64_t& stride : layout.strides) stride = random_.between(-3, 9);
  return layout;
}

// "2 providers ('a'; 'b')", as lock errors say it when the ages are left out.
inline std::string World::locked_by(bool layout_only) const {
  const int64_t count = layout_only ? model_.layout_locks : model_.memory;
  std::string text = layout_only ? "the layout" : "the memory";
  text += " is locked by " + std::to_string(count) + " provider" + (count > 1 ? "s" : "");
  const char* separator = " (";
  for (const Held& held : held_) {
    if (held.label.empty() || (layout_only && !held.has_layout)) continue;
    text += separator + ("'" + held.label + "'");
    separator = "; ";
  }
  return *separator == ';' ? text + ")" : text;
}

inline void World::expect(Status found, Status expected, const nbuf_error& error,
                          bool layout_only) {
  CHECK(found == expected && error.status == expected);
  refused += found == NBUF_ERR_LOCKED;
  if (found != NBUF_ERR_LOCKED) return;
  std::string text = without_ages(error.message);
  std::string wanted = locked_by(layout_only);
  const size_t cut = text.find("...");  // as many labels as fit
  if (cut != std::string::npos) {
    CHECK(cut > 100);
    text.resize(cut - 2);
    wanted.resize(text.size());
  }
  if (!CHECK(text == wanted))
    std::fprintf(stderr, "found %s\nwanted %s\n", text.c_str(), wanted.c_str());
}

inline void World::hold(Provider* provider, bool has_layout, const ModelLayout& layout,
                        const std::string& label) {
  held_.push_back({provider, 1, has_layout, layout, provider->pub.shape, label, nullptr});
}

inline void World::acquire_one() {
  if (!model_.owned) return;
  const bool snapshot = random_.chance(40);
  const std::string label = some_label();
  const nbuf_request request =
      request_of(NBUF_FULL | (snapshot ? NBUF_LAYOUT_SNAPSHOT : 0),
                 label.empty() ? nullptr : label.c_str());
  nbuf_error error = no_error();
  nbuf_exporter* exporter = &array_->pub;
  nbuf_provider* out;
  const Status status = exporter->ops->acquire(exporter, &request, &out, &error);
  expect(status, model_.acquire(snapshot), error, false);
  CHECK((out != nullptr) == (status == NBUF_OK));
  if (out != nullptr) hold(as_own(out), !snapshot, model_.layout, label);
}

inline void World::release_one() {
  if (held_.empty()) return;
  const size_t k = any(held_.size());
  Held& held = held_[k];
  if (--held.refs == 0) {
    if (held.lease != nullptr) {
      held.lease->move_to(nullptr);
      held.lease->release();
    }
    model_.memory--;
    model_.layout_locks -= held.has_layout;
  }
  release(held.provider);
  if (held.refs == 0) held_.erase(held_.begin() + static_cast<ptrdiff_t>(k));
}

inline void World::unlock_one() {
  if (held_.empty()) return;
  Held& held = held_[any(held_.size())];
  model_.layout_locks -= held.has_layout;
  held.has_layout = false;
  unlock_layout(held.provider);
  CHECK(!holds_layout(held.provider));
  if (random_.chance(50)) unlock_layout(held.provider);
}

inline void World::write_one() {
  if (held_.empty() || model_.block.empty()) return;
  const nbuf_block& block = held_[any(held_.size())].provider->memory->block;
  for (unsigned char& byte : model_.block)
    byte = static_cast<unsigned char>(random_.between(1, 255));
  std::memcpy(block.base, model_.block.data(), model_.block.size());
}

inline void World::set_one_layout() {
  if (!model_.owned) return;
  const ModelLayout next = some_layout();
  const auto ndim = static_cast<int32_t>(next.shape.size());
  LayoutChange change;
  change.ndim = &ndim;
  change.shape = next.shape.data();
  change.strides = next.strides.data();
  change.offset = next.offset;
  change.format = next.format.c_str();
  change.itemsize = next.itemsize;
  nbuf_error error = no_error();
  const Status status = set_layout(array_, change, &error);
  expect(status, model_.set_layout(next), error, true);
  changed += status == NBUF_OK;
}

inline void World::resize_one() {
  if (!model_.owned) return;
  std::vector<int64_t> shape;
  for (int64_t i = random_.between(0, 3); i > 0; i--)
    shape.push_back(random_.chance(5) ? 0 : random_.between(1, 6));
  nbuf_error error = no_error();
  const Status status =
      resize(array_, static_cast<int32_t>(shape.size()), shape.data(), &error);
  expect(status, model_.resize(shape), error, false);
  changed += status == NBUF_OK;
}

inline void World::reexport_one() {
  if (held_.empty()) return;
  const Held& parent = held_[any(held_.size())];
  const ModelLayout layout = some_layout();
  const std::string label = some_label();
  const nbuf_request request = request_of(NBUF_FULL, label.c_str());
  nbuf_error error = no_error();
  Provider* provider;
  const Status status =
      reexport(parent.provider, layout.spec(), 0, &request, &provider, &error);
  const bool fits = layout.fits(static_cast<int64_t>(model_.block.size()));
  expect(status, fits ? NBUF_OK : NBUF_ERR_BOUNDS, error, false);
  if (provider == nullptr) return;
  model_.memory++;
  hold(provider, false, layout, composed(label, parent.label));
}

inline void World::make_view() {
  if (held_.empty()) return;
  Held& held = held_[any(held_.size())];
  if (held.lease == nullptr) held.lease = Lease::make(held.provider);
  held.lease->retain();
  const ModelLayout layout = some_layout();
  View view = {nullptr, held.lease, layout};
  nbuf_error error = no_error();
  const Status status =
      make_view_exporter(held.lease, layout.spec(), 0, &view.exporter, &error);
  const bool fits = layout.fits(static_cast<int64_t>(model_.block.size()));
  expect(status, fits ? NBUF_OK : NBUF_ERR_BOUNDS, error, false);
  if (view.exporter != nullptr) views_.push_back(view);
}

inline void World::acquire_view() {
  if (views_.empty()) return;
  const size_t k = any(views_.size());
  View view = views_[k];
  const Held* parent = nullptr;
  for (const Held& held : held_)
    if (held.lease == view.lease) parent = &held;
  const std::string label = some_label();
  const nbuf_request request = request_of(NBUF_FULL, label.c_str());
  nbuf_error error = no_error();
  nbuf_provider* out;
  const Status status =
      view.exporter->ops->acquire(view.exporter, &request, &out, &error);
  expect(status, parent != nullptr ? NBUF_OK : NBUF_ERR_RELEASED, error, false);
  CHECK((out != nullptr) == (parent != nullptr));
  if (out != nullptr) {
    model_.memory++;
    hold(as_own(out), false, view.layout, composed(label, parent->label));
  }
  if (random_.chance(70)) return;
  view.exporter->ops->release(view.exporter);
  views_.erase(views_.begin() + static_cast<ptrdiff_t>(k));
}

}  // namespace world

#endif  // NBUF_TEST_HOST_WORLD_H
