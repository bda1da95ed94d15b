// test_core_ends.cc - last moments on several threads: dispose and owners against
// acquires and resizes, the last release elsewhere, a lease that closes while others
// borrow. Memory goes exactly once, and last.
#include "thread_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int kRounds = 200;

// Everybody acquires until the array is disposed of; then everybody gets RELEASED.
void dispose_against_acquire(uint64_t seed) {
  for (int round = 0; round < kRounds; round++) {
    SharedBytes memory;
    HostArray* array = memory.make_array();
    on_threads(
        2,
        [&, seed](int k) {
          Random random(seed + static_cast<uint64_t>(k + 10 * round));
          Status status;
          while (Provider* p = try_acquire(array, NBUF_FULL, "worker", &status)) {
            check_whole(p->pub);
            array->pub.ops->retain(&array->pub);
            yield_often(random, 2);
            release(p);
            release_owner(array);
          }
          expect(status == NBUF_ERR_RELEASED, "disposed of");
        },
        [&, seed] {
          Random random(seed + static_cast<uint64_t>(round));
          yield_often(random, 20);
          dispose(array);
          Status status;
          expect(try_acquire(array, NBUF_FULL, nullptr, &status) == nullptr, "disposed");
        });
    // The array is still owned, but nobody can reach its memory any more.
    CHECK(memory.frees == 1);
    release_owner(array);
    CHECK(memory.frees == 1);
  }
}

// The exclusive state must not outlive dispose, nor bring memory back.
void dispose_against_resize() {
  for (int round = 0; round < kRounds / 4; round++) {
    Memory* memory = nullptr;
    HostArray* array = nullptr;
    const int64_t shape[] = {4, 60000};  // copied long enough to be disturbed
    CHECK(make_heap_memory(240000, 64, &memory, nullptr) == NBUF_OK);
    LayoutSpec spec;
    spec.ndim = 2;
    spec.shape = shape;
    CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
    on_threads(
        1,
        [&](int) {
          const int64_t next[] = {5, 60000};
          Status status = NBUF_OK;
          while (status != NBUF_ERR_RELEASED) {
            status = resize(array, 2, next, nullptr);
            expect(status != NBUF_ERR_BOUNDS && status != NBUF_ERR_CONTIGUITY, "resize");
          }
        },
        [&] {
          // Best in the very middle: LOCKED says that bytes are being copied.
          Status status = NBUF_OK;
          for (int tries = 0; tries < 500 && status == NBUF_OK; tries++)
            if (Provider* p = try_acquire(array, NBUF_FULL, nullptr, &status)) release(p);
          dispose(array);
        });
    ArrayState state;
    Layout* layout;
    CHECK(inspect(array, &state, &layout, nullptr) == NBUF_OK);
    CHECK(state.address == 0 && state.memory_locks == 0);
    free_layout(layout);
    release_owner(array);
  }
}

// The owner drops the array while another thread releases its last provider.
void last_release_elsewhere() {
  constexpr int kArrays = 2000;
  static SharedBytes memories[kArrays];
  static std::atomic<Provider*> handed[kArrays];
  on_threads(
      1,
      [&](int) {
        for (auto& slot : handed) {
          Provider* p;
          while ((p = slot.exchange(nullptr)) == nullptr) std::this_thread::yield();
          check_whole(p->pub);
          release(p);
        }
      },
      [&] {
        for (int i = 0; i < kArrays; i++) {
          HostArray* array = memories[i].make_array();
          Status status;
          Provider* p = try_acquire(array, NBUF_FULL, i % 2 ? "label" : nullptr, &status);
          expect(p != nullptr && memories[i].frees == 0, "acquired");
          if (i % 3 == 0) {  // both threads hold the same provider
            retain(p);
            handed[i] = p;
            release(p);
          } else {
            handed[i] = p;
          }
          release_owner(array);
        }
      });
  for (const SharedBytes& memory : memories) CHECK(memory.frees == 1);
}

// View exporters acquire until their provider goes; what they got outlives it.
void lease_against_close(uint64_t seed) {
  for (int round = 0; round < kRounds; round++) {
    SharedBytes memory;
    HostArray* array = memory.make_array();
    Status status;
    Provider* parent = try_acquire(array, NBUF_FULL, "parent", &status);
    Lease* lease = Lease::make(parent);
    nbuf_exporter* view;
    lease->retain();
    CHECK(make_view_exporter(lease, parent->layout->spec(), 0, &view, nullptr) ==
          NBUF_OK);
    for (int k = 0; k < 2; k++) view->ops->retain(view);
    on_threads(
        2,
        [&, seed](int k) {
          Random random(seed + static_cast<uint64_t>(k + 10 * round));
          const nbuf_request request = request_of(NBUF_FULL, "view");
          nbuf_status found;
          nbuf_provider* p;
          while ((found = view->ops->acquire(view, &request, &p, nullptr)) == NBUF_OK) {
            yield_often(random, 2);
            check_whole(*p);
            p->ops->release(p);
          }
          expect(found == NBUF_ERR_RELEASED, "the parent was released");
          view->ops->release(view);
        },
        [&, seed] {
          Random random(seed + static_cast<uint64_t>(round));
          yield_often(random, 20);
          release_owner(array);  // providers and views go on without it
          view->ops->release(view);
          lease->move_to(nullptr);
          release(parent);
          expect(lease->borrow() == nullptr, "a closed lease lends nothing");
          lease->release();
        });
    CHECK(memory.frees == 1);
  }
}

// One provider on several threads: who unlocks, who looks, who ends it?
void shared_provider() {
  for (int round = 0; round < kRounds; round++) {
    SharedBytes memory;
    HostArray* array = memory.make_array();
    Status status;
    Provider* p = try_acquire(array, NBUF_FULL, nullptr, &status);
    for (int k = 0; k < 2; k++) retain(p);
    const auto unlock_and_release = [p] {
      unlock_layout(p);
      expect(!holds_layout(p), "unlocked");
      release(p);
    };
    on_threads(
        2, [&](int) { unlock_and_release(); }, unlock_and_release);
    CHECK(memory.frees == 0);
    release_owner(array);
    CHECK(memory.frees == 1);
  }
}

// A peer's provider, as test_core_import.cc has it, for threads.
struct Peer {
  nbuf_provider pub = {};  // first
  std::atomic<int> refs{1}, unlocks{0};
  char byte = 0;
  nbuf_block block = {&byte, 1, 1, 0, 0};

  static Peer& of(nbuf_provider* p) { return *reinterpret_cast<Peer*>(p); }
  Provider* import() {
    static const nbuf_provider_ops ops = {sizeof ops, 0,
                                          [](nbuf_provider* p) { of(p).refs++; },
                                          [](nbuf_provider* p) { of(p).refs--; },
                                          [](nbuf_provider* p) { of(p).unlocks++; }};
    pub.struct_size = sizeof pub;
    pub.ops = &ops;
    pub.buf = &byte;
    pub.len = pub.itemsize = 1;
    pub.block_count = 1;
    pub.blocks = &block;
    const nbuf_request request = request_of(NBUF_FULL);
    Provider* out;
    CHECK(import_provider(&pub, &request, &out, nullptr) == NBUF_OK);
    return out;
  }
};

// One unlock reaches the peer, whoever comes first, and so does one release.
void shared_import() {
  for (int round = 0; round < kRounds; round++) {
    Peer peer;
    Provider* p = peer.import();
    for (int k = 0; k < 2; k++) retain(p);
    const auto use = [p] {
      const nbuf_request request = request_of(NBUF_FULL);
      Provider* child;
      expect(reexport(p, LayoutSpec{}, 0, &request, &child, nullptr) == NBUF_OK, "child");
      unlock_layout(p);
      expect(!holds_layout(p), "unlocked");
      release(p);
      check_whole(child->pub);
      expect(child->memory->block.id == 1, "the peer's block");
      release(child);
    };
    on_threads(
        2, [&](int) { use(); }, use);
    CHECK(peer.refs == 0 && peer.unlocks == 1);
  }
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_ends");
  dispose_against_acquire(seed);
  dispose_against_resize();
  last_release_elsewhere();
  lease_against_close(seed);
  shared_provider();
  shared_import();
  CHECK(thread_failures == 0);
  return check_result("core_ends");
}
