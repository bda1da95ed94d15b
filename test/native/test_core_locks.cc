// test_core_locks.cc - random interleavings of everything that one thread can do with a
// HostArray, its providers and re-exports, against the state machine in host_model.h.
#include "host_world.h"

namespace world {

void World::step() {
  const int64_t what = random_.between(0, 99);
  if (what < 18) {
    acquire_one();
  } else if (what < 45) {
    release_one();
  } else if (what < 52 && !held_.empty()) {
    Held& held = held_[any(held_.size())];
    held.refs++;
    retain(held.provider);
  } else if (what < 62) {
    unlock_one();
  } else if (what < 68) {
    write_one();
  } else if (what < 78) {
    set_one_layout();
  } else if (what < 86) {
    resize_one();
  } else if (what < 91) {
    reexport_one();
  } else if (what < 94) {
    make_view();
  } else if (what < 98) {
    acquire_view();
  } else if (model_.owned && random_.chance(30)) {
    model_.disposed = true;
    dispose(array_);
  } else if (model_.owned && random_.chance(20)) {
    model_.owned = false;
    release_owner(array_);
  }
}

void World::check() const {
  CHECK(counted_.frees == (!model_.is_heap && !model_.keeps_memory()));
  for (const Held& held : held_) {
    const nbuf_provider& pub = held.provider->pub;
    const nbuf_block& block = held.provider->memory->block;
    const ModelLayout& layout = held.layout;
    const size_t axes = layout.shape.size() * sizeof(int64_t);
    CHECK(nbuf_validate(&pub, nullptr) == NBUF_OK && pub.shape == held.shape_at);
    CHECK(pub.ndim == static_cast<int32_t>(layout.shape.size()));
    CHECK(axes == 0 || std::memcmp(pub.shape, layout.shape.data(), axes) == 0);
    CHECK(axes == 0 || std::memcmp(pub.strides, layout.strides.data(), axes) == 0);
    CHECK(pub.format == layout.format && pub.itemsize == layout.itemsize);
    CHECK(pub.buf == static_cast<char*>(block.base) + layout.offset);
    CHECK(block.size == static_cast<int64_t>(model_.block.size()));
    CHECK(block.size == 0 ||
          std::memcmp(block.base, model_.block.data(), model_.block.size()) == 0);
    CHECK(holds_layout(held.provider) == held.has_layout);
  }
  if (!model_.owned) return;
  ArrayState state;
  Layout* copy;
  CHECK(inspect(array_, &state, &copy, nullptr) == NBUF_OK);
  CHECK(state.memory_locks == model_.memory && state.layout_locks == model_.layout_locks);
  CHECK(state.disposed == model_.disposed &&
        (state.address != 0) == model_.keeps_memory());
  CHECK(copy->bytes == model_.layout.bytes() && copy->offset == model_.layout.offset);
  free_layout(copy);
}

void World::finish() {
  while (!held_.empty()) {
    release_one();
    check();
  }
  for (const View& view : views_) view.exporter->ops->release(view.exporter);
  CHECK(counted_.frees == (!model_.is_heap && !model_.keeps_memory()));
  if (model_.owned) release_owner(array_);
  model_.owned = false;
  CHECK(counted_.frees == !model_.is_heap);
}

}  // namespace world

int main() {
  uint64_t seed = first_seed("core_locks");
  int refused = 0, changed = 0;
  for (uint64_t last = seed + 1000; seed < last; seed++) {
    world::World world(seed);
    for (int step = 0; step < 150; step++) {
      world.step();
      world.check();
      stop_on_failure("core_locks", seed);
    }
    world.finish();
    stop_on_failure("core_locks", seed);
    refused += world.refused;
    changed += world.changed;
  }
  CHECK(refused > 3000 && changed > 1500);
  return check_result("core_locks");
}
