// test_core_import.cc - an honest peer's provider becomes one of ours: its fields, its
// blocks, its locks and its references.
#include "foreign_fixture.h"

using namespace nbuf::core;

namespace {

void fields() {
  Peer peer;
  peer.pub.flags = NBUF_ENV_BOUND;
  Provider* p;
  CHECK(import(peer, NBUF_FULL, &p, nullptr, "reader") == NBUF_OK);
  CHECK(peer.refs == 1 && as_own(&p->pub) == p && as_own(&peer.pub) == nullptr);
  CHECK(p->pub.buf == peer.pub.buf && p->pub.len == 12 && p->pub.itemsize == 2);
  CHECK(p->pub.flags == NBUF_ENV_BOUND && p->pub.ndim == 2);
  CHECK(std::strcmp(p->pub.format, "h") == 0 && p->pub.format != peer.pub.format);
  CHECK(p->pub.shape != peer.shape && p->pub.strides != peer.strides);  // our own copies
  CHECK(p->pub.shape[1] == 3 && p->pub.strides[0] == 8 && p->pub.suboffsets == nullptr);
  CHECK(p->pub.block_count == 1 && p->pub.blocks[0].base == peer.memory);
  CHECK(p->pub.blocks[0].size == 20 && p->pub.blocks[0].id == 77);
  CHECK(p->layout->offset == 4 && std::strcmp(p->label(), "reader") == 0);
  CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
  release(p);
  CHECK(peer.refs == 0 && peer.releases == peer.retains + 1);
}

// What the peer left out has PEP 3118's meaning, also where it should not have.
void left_out() {
  Peer peer;
  peer.strides[0] = 6;
  peer.pub.strides = nullptr;
  peer.pub.format = nullptr;
  Provider* p;
  CHECK(import(peer, NBUF_FULL, &p) == NBUF_OK);
  CHECK(p->pub.strides[0] == 6 && p->pub.strides[1] == 2);
  CHECK(std::strcmp(p->pub.format, "B") == 0 && p->pub.itemsize == 2);
  CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
  release(p);
  for (const uint32_t flags : {NBUF_SIMPLE, NBUF_ND, NBUF_FULL_RO}) {
    Peer simple;
    simple.pub.shape = simple.pub.strides = nullptr;
    simple.pub.format = nullptr;
    simple.pub.ndim = 1;
    simple.pub.itemsize = 4;
    CHECK(import(simple, flags, &p) == NBUF_OK);
    CHECK(p->pub.ndim == 1 && p->pub.len == 12);
    // Bytes one by one: the original itemsize goes only with bytes that have no shape.
    CHECK(p->pub.itemsize == (flags == NBUF_SIMPLE ? 4 : 1) && p->layout->itemsize == 1);
    CHECK(flags == NBUF_SIMPLE || (p->pub.shape[0] == 12 && p->layout->offset == 4));
    CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
    release(p);
    CHECK(simple.refs == 0);
  }
  Peer scalar;
  scalar.pub.ndim = 0;
  scalar.pub.len = 2;
  scalar.pub.shape = scalar.pub.strides = nullptr;
  CHECK(import(scalar, NBUF_FULL, &p) == NBUF_OK && p->layout->bytes == 2);
  release(p);
}

void blocks() {
  Provider* p;
  Peer several;  // a table, a block elsewhere, then the right one
  several.blocks[2] = several.blocks[0];
  several.blocks[0] = {several.table, sizeof several.table, 5, NBUF_TABLE, 0};
  several.blocks[1] = {several.memory + 32, 16, 6, 0, 0};
  several.pub.block_count = 3;
  CHECK(import(several, NBUF_FULL, &p) == NBUF_OK);
  CHECK(p->pub.block_count == 1 && p->pub.blocks[0].id == 77);
  CHECK(p->pub.blocks[0].base == several.memory && p->layout->offset == 4);
  release(p);
  Peer nearly;  // the first block has the last element's first byte only
  nearly.blocks[0].size = 17;
  nearly.blocks[1] = {nearly.memory, 20, 78, 0, 0};
  nearly.pub.block_count = 2;
  CHECK(import(nearly, NBUF_FULL, &p) == NBUF_OK && p->pub.blocks[0].id == 78);
  release(p);
  Peer nameless, other;
  Provider* q;
  nameless.blocks[0].id = other.blocks[0].id = 0;
  CHECK(import(nameless, NBUF_FULL, &p) == NBUF_OK);
  CHECK(import(other, NBUF_FULL, &q) == NBUF_OK);
  CHECK(p->pub.blocks[0].id == 0 && q->pub.blocks[0].id == 0);  // an invented one lies
  CHECK(p->memory->key != 0 && p->memory->key != q->memory->key);
  release(p);
  release(q);
  Peer backwards;  // the first element is the last in memory
  backwards.pub.buf = backwards.memory + 18;
  backwards.strides[0] = -8;
  backwards.strides[1] = -2;
  CHECK(import(backwards, NBUF_FULL, &p) == NBUF_OK && p->layout->offset == 18);
  release(p);
}

void empty() {
  Peer peer;
  peer.shape[0] = 0;
  peer.strides[1] = INT64_MIN;  // nothing steps along it
  peer.pub.len = 0;
  peer.pub.buf = nullptr;
  peer.pub.blocks = nullptr;
  peer.pub.block_count = 0;
  Provider* p;
  CHECK(import(peer, NBUF_FULL, &p) == NBUF_OK);
  CHECK(p->pub.len == 0 && p->pub.block_count == 0 && p->pub.strides[1] == 0);
  CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK && peer.refs == 1);
  release(p);
  CHECK(peer.refs == 0);
}

void locks() {
  Provider* p;
  Peer peer;
  CHECK(import(peer, NBUF_FULL, &p) == NBUF_OK && holds_layout(p));
  unlock_layout(p);
  unlock_layout(p);
  p->pub.ops->unlock_layout(&p->pub);
  CHECK(peer.unlocks == 1 && !holds_layout(p));
  retain(p);
  release(p);
  CHECK(peer.refs == 1);
  release(p);
  CHECK(peer.unlocks == 1 && peer.refs == 0);
  Peer snapshot;
  CHECK(import(snapshot, NBUF_FULL | NBUF_LAYOUT_SNAPSHOT, &p) == NBUF_OK);
  CHECK(!holds_layout(p));
  unlock_layout(p);
  release(p);
  CHECK(snapshot.unlocks == 0 && snapshot.refs == 0);
  Peer direct;  // never unlocked by hand
  CHECK(import(direct, NBUF_FULL, &p) == NBUF_OK);
  release(p);
  CHECK(direct.unlocks <= 1 && direct.refs == 0);
}

// A re-export keeps the peer's memory, but not its layout lock.
void reexports() {
  Peer peer;
  Provider *p, *child;
  CHECK(import(peer, NBUF_FULL, &p, nullptr, "import") == NBUF_OK);
  const nbuf_request request = request_of(NBUF_FULL, "view");
  LayoutSpec spec;
  spec.offset = 19;
  CHECK(reexport(p, spec, NBUF_READONLY, &request, &child, nullptr) == NBUF_ERR_READONLY);
  CHECK(reexport(p, spec, 0, &request, &child, nullptr) == NBUF_OK);
  CHECK(std::strcmp(child->label(), "view \xe2\x86\x90 import") == 0);
  CHECK(child->pub.buf == peer.memory + 19 && child->pub.blocks[0].id == 77);
  CHECK(!holds_layout(child) && holds_layout(p) && peer.unlocks == 0);
  unlock_layout(child);
  CHECK(holds_layout(p) && peer.unlocks == 0);
  release(p);
  CHECK(peer.unlocks == 1 && peer.refs == 1);
  spec.offset = 20;
  Provider* none;
  CHECK(reexport(child, spec, 0, &request, &none, nullptr) == NBUF_ERR_BOUNDS);
  CHECK(peer.refs == 1);
  release(child);
  CHECK(peer.refs == 0 && peer.releases == peer.retains + 1);
}

}  // namespace

int main() {
  fields();
  left_out();
  blocks();
  empty();
  locks();
  reexports();
  return check_result("core_import");
}
