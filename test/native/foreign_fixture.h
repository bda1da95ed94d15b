// foreign_fixture.h - a provider made by hand, as a peer's: it counts what is done to it.
#ifndef NBUF_TEST_FOREIGN_FIXTURE_H
#define NBUF_TEST_FOREIGN_FIXTURE_H

#include "core_fixture.h"

// 2 x 3 shorts, rows 8 bytes apart, 4 bytes into a block of 20.
struct Peer {
  nbuf_provider pub = {};  // first
  nbuf_provider_ops ops = {};
  int refs = 1, retains = 0, releases = 0, unlocks = 0;
  alignas(8) char memory[64] = {};
  int64_t shape[2] = {2, 3}, strides[2] = {8, 2}, suboffsets[2] = {-1, -1};
  int32_t axis_level[2] = {0, 1};
  int64_t post_offsets[2] = {0, 0};
  char* table[2] = {memory + 4, memory + 12};
  nbuf_block blocks[3] = {};

  Peer() {
    ops = {sizeof ops, 0, [](nbuf_provider* p) { of(p).count(1); },
           [](nbuf_provider* p) { of(p).count(-1); },
           [](nbuf_provider* p) { of(p).unlocks++; }};
    blocks[0] = {memory, 20, 77, 0, 0};
    pub.struct_size = sizeof pub;
    pub.ops = &ops;
    pub.buf = memory + 4;
    pub.len = 12;
    pub.itemsize = 2;
    pub.ndim = 2;
    pub.block_count = 1;
    pub.format = "h";
    pub.shape = shape;
    pub.strides = strides;
    pub.blocks = blocks;
  }
  Peer(const Peer&) = delete;

  static Peer& of(nbuf_provider* p) { return *reinterpret_cast<Peer*>(p); }
  void count(int step) {
    CHECK(refs > 0);  // else it is used after its end
    refs += step;
    (step > 0 ? retains : releases)++;
  }
  // Rows behind a table of pointers; classic suboffsets or levels still to be chosen.
  void make_indirect() {
    blocks[1] = {table, sizeof table, 0, NBUF_TABLE, 0};
    pub.block_count = 2;
    pub.buf = table;
    strides[0] = sizeof(char*);
  }
};

inline nbuf_status import(Peer& peer, uint32_t flags, nbuf::core::Provider** out,
                          nbuf_error* error = nullptr, const char* label = nullptr) {
  const nbuf_request request = request_of(flags, label);
  return nbuf::core::import_provider(&peer.pub, &request, out, error);
}

#endif  // NBUF_TEST_FOREIGN_FIXTURE_H
