// test_core_ends.cc - last moments on several threads: dispose and owners against
// acquires and resizes, the last release elsewhere, a lease that closes while others
// borrow. Memory goes exactly once, and last.
#include "thread_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int kRounds = 400;

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
            yield_often(random, 2);
            release(p);
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

// The exclusive state must not outlive dispose, nor its memory leak.
void dispose_against_resize(uint64_t seed) {
  for (int round = 0; round < kRounds; round++) {
    Memory* memory = nullptr;
    HostArray* array = nullptr;
    CHECK(make_heap_memory(240, 64, &memory, nullptr) == NBUF_OK);
    const int64_t shape[] = {4, 60};
    LayoutSpec spec;
    spec.ndim = 2;
    spec.shape = shape;
    CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
    array->pub.ops->retain(&array->pub);
    on_threads(
        1,
        [&](int) {
          const int64_t next[] = {1000, 60};
          Status status = NBUF_OK;
          while (status != NBUF_ERR_RELEASED) {
            status = resize(array, 2, next, nullptr);
            expect(status != NBUF_ERR_BOUNDS && status != NBUF_ERR_CONTIGUITY, "resize");
          }
          release_owner(array);
        },
        [&, seed] {
          Random random(seed + static_cast<uint64_t>(round));
          yield_often(random, 20);
          dispose(array);
          release_owner(array);
        });
  }
}

// The owner drops the array while another thread releases its last provider.
void last_release_elsewhere() {
  constexpr int kArrays = 4000;
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
    on_threads(
        2,
        [&, seed](int k) {
          Random random(seed + static_cast<uint64_t>(k + 10 * round));
          const nbuf_request request = request_of(NBUF_FULL, "view");
          nbuf_status found = NBUF_OK;
          view->ops->retain(view);
          while (found == NBUF_OK) {
            nbuf_provider* p;
            found = view->ops->acquire(view, &request, &p, nullptr);
            if (p == nullptr) break;
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
          lease->move_to(nullptr);
          release(parent);
          expect(lease->borrow() == nullptr, "a closed lease lends nothing");
          lease->release();
        });
    CHECK(memory.frees == 1);
    view->ops->release(view);
  }
}

// An import is shared: one unlock reaches the peer, whoever comes first.
void unlock_of_imports() {
  struct Peer {
    nbuf_provider pub;  // first
    std::atomic<int> refs, unlocks;
  };
  static const nbuf_provider_ops ops = {
      sizeof ops, 0, [](nbuf_provider* p) { reinterpret_cast<Peer*>(p)->refs++; },
      [](nbuf_provider* p) { reinterpret_cast<Peer*>(p)->refs--; },
      [](nbuf_provider* p) { reinterpret_cast<Peer*>(p)->unlocks++; }};
  static char byte;
  const nbuf_block block = {&byte, 1, 1, 0, 0};
  for (int round = 0; round < kRounds; round++) {
    Peer peer = {};
    peer.refs = 1;
    peer.pub.struct_size = sizeof peer.pub;
    peer.pub.ops = &ops;
    peer.pub.buf = &byte;
    peer.pub.len = peer.pub.itemsize = 1;
    peer.pub.block_count = 1;
    peer.pub.blocks = &block;
    const nbuf_request request = request_of(NBUF_FULL);
    Provider* p;
    CHECK(import_provider(&peer.pub, &request, &p, nullptr) == NBUF_OK);
    for (int k = 0; k < 2; k++) retain(p);
    const auto unlock_and_release = [&] {
      unlock_layout(p);
      expect(!holds_layout(p), "unlocked");
      release(p);
    };
    on_threads(
        2, [&](int) { unlock_and_release(); }, unlock_and_release);
    CHECK(peer.refs == 0 && peer.unlocks == 1);
  }
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_ends");
  dispose_against_acquire(seed);
  dispose_against_resize(seed);
  last_release_elsewhere();
  lease_against_close(seed);
  unlock_of_imports();
  CHECK(thread_failures == 0);
  return check_result("core_ends");
}
