// test_core_import_indirect.cc - a peer's provider with pointers becomes one of ours: the
// same elements, whatever the peer does to its tables afterwards.
#include <thread>

#include "core/pieces.h"
#include "foreign_fixture.h"
#include "levels_world.h"

using namespace nbuf::core;

namespace {

// A peer over a random world: tables as blocks of their own, or one for all; anywhere in
// memory, also at odd addresses.
struct WorldPeer {
  nbuf_provider pub = {};  // first
  nbuf_provider_ops ops = {};
  int refs = 1;
  std::vector<nbuf_block> blocks;
  std::vector<char> table;
  char* base = nullptr;  // of the moved tables

  WorldPeer(Random& random, LevelsWorld& world, const Memory& memory, const Shaped& s) {
    ops = {sizeof ops, 0, [](nbuf_provider* p) { of(p).refs++; },
           [](nbuf_provider* p) { of(p).refs--; }, [](nbuf_provider*) {}};
    move_tables(random, memory);
    add_blocks(random, world, memory);
    pub.struct_size = sizeof pub;
    pub.ops = &ops;
    pub.buf = base + s.offset;
    pub.len = s.elements() * s.itemsize;
    pub.itemsize = s.itemsize;
    pub.ndim = s.ndim;
    pub.format = "opaque";
    pub.shape = s.shape;
    pub.strides = s.strides;
    pub.blocks = blocks.data();
    pub.block_count = static_cast<int32_t>(blocks.size());
    pub.level_count = s.levels;
    pub.axis_level = s.axis_level;
    pub.post_offsets = s.post;
  }
  WorldPeer(const WorldPeer&) = delete;
  static WorldPeer& of(nbuf_provider* p) { return *reinterpret_cast<WorldPeer*>(p); }

 private:
  void move_tables(Random& random, const Memory& memory) {
    const auto size = static_cast<size_t>(memory.block.size);
    table.resize(size + 9);
    base = table.data() + random.between(0, 8);
    const char* from = static_cast<const char*>(memory.block.base);
    if (size > 0) std::memcpy(base, from, size);
    for (size_t at = 0; at < size; at += 8) {
      const auto& inner = static_cast<const Assembly&>(memory);
      uint64_t word;
      std::memcpy(&word, base + at, 8);
      if (inner.inner == nullptr || (inner.inner[at / 8] & 1) == 0) continue;
      word += reinterpret_cast<uint64_t>(base) - reinterpret_cast<uint64_t>(from);
      std::memcpy(base + at, &word, 8);
    }
  }
  void add_blocks(Random& random, LevelsWorld& world, const Memory& memory) {
    for (auto& bytes : world.bytes())
      blocks.push_back({bytes.data(), static_cast<int64_t>(bytes.size()),
                        random.chance(50) ? random.next() : 0, 0, 0});
    if (random.chance(50)) {
      blocks.push_back({base, memory.block.size, 0, NBUF_TABLE, 0});
      return;
    }
    for (const auto& part : world.tables)
      blocks.push_back({base + 8 * part.first, 8 * part.count, 0, NBUF_TABLE, 0});
    for (size_t i = blocks.size() - 1; i > 0; i--)
      std::swap(blocks[i],
                blocks[static_cast<size_t>(random.between(0, static_cast<int64_t>(i)))]);
  }
};

Status take(WorldPeer& peer, uint32_t flags, Provider** out) {
  const nbuf_request request = request_of(flags, "import");
  return import_provider(&peer.pub, &request, out, nullptr);
}

void check_import(LevelsWorld& world, const Shaped& s, Provider* p) {
  CHECK(p->pub.level_count == s.levels && p->pub.suboffsets == nullptr);
  CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
  for (int32_t i = 0; i < s.ndim; i++)
    CHECK(p->pub.axis_level[i] == s.axis_level[i] &&
          (p->pub.strides[i] == s.strides[i] || s.shape[i] < 2));
  s.each([&](const int64_t* index) {
    const char* at = locate(s.ndim, p->pub.strides, p->layout->levels,
                            static_cast<char*>(p->pub.buf), index);
    CHECK(static_cast<LevelsWorld::Wide>(address_of(at)) == world.address(s, index));
  });
}

void one_case(uint64_t seed, int* good, int* bad) {
  Random random(seed);
  LevelsWorld world(random);
  Memory* memory = world.make();
  Shaped s = world.layout;
  if (s.ndim > 0 && random.chance(30)) {  // may leave the tables, or the blocks
    const auto axis = static_cast<size_t>(random.between(0, s.ndim - 1));
    s.strides[axis] += random.pick({8, -8, 1, 40});
    s.shape[axis] += random.pick({0, 1, -1});
  }
  WorldPeer peer(random, world, *memory, s);
  const bool expected = nbuf_validate(&peer.pub, nullptr) == NBUF_OK;
  Provider* p;
  CHECK((take(peer, NBUF_FULL | NBUF_LEVELS, &p) == NBUF_OK) == expected);
  if (expected) {
    // The copy is what is used: the peer's table may say anything from now on.
    std::memset(peer.table.data(), 0x5a, peer.table.size());
    if (s.elements() > 0) check_import(world, s, p);
    CHECK(peer.refs == 1);
    release(p);
  }
  CHECK(peer.refs == 0);
  (expected ? *good : *bad)++;
  release(memory);
}

// Classic suboffsets: the levels that they mean, and the same again for who asks so.
void suboffsets() {
  Peer peer;
  peer.make_indirect();
  peer.suboffsets[0] = 0;
  peer.pub.suboffsets = peer.suboffsets;
  Provider* p;
  CHECK(import(peer, NBUF_FULL, &p) == NBUF_OK);
  CHECK(p->pub.suboffsets[0] == 0 && p->pub.suboffsets[1] == -1);
  CHECK(p->pub.level_count == 0 && p->pub.buf != peer.pub.buf);
  CHECK(p->layout->levels.count == 2 && p->layout->levels.axis_level[1] == 1);
  CHECK(p->pub.block_count == 2 && p->pub.blocks[1].base == peer.memory);
  release(p);
  CHECK(peer.refs == 0);
  Peer direct;  // suboffsets that say nothing
  direct.pub.suboffsets = direct.suboffsets;
  CHECK(import(direct, NBUF_FULL, &p) == NBUF_OK);
  CHECK(p->pub.suboffsets == nullptr && p->pub.buf == direct.pub.buf);
  release(p);
  Peer asked;  // without INDIRECT, though the peer gave it
  asked.make_indirect();
  asked.suboffsets[0] = 0;
  asked.pub.suboffsets = asked.suboffsets;
  CHECK(import(asked, NBUF_STRIDES | NBUF_FORMAT, &p) == NBUF_ERR_SUBOFFSETS);
  CHECK(p == nullptr && asked.refs == 0);
  Peer pointers;  // the last axis has pointers, too: each element is behind its own
  char* targets[6] = {};
  for (int i = 0; i < 6; i++) targets[i] = pointers.memory + 2 * i;
  char* rows[2] = {reinterpret_cast<char*>(targets),
                   reinterpret_cast<char*>(targets + 3)};
  pointers.blocks[1] = {targets, sizeof targets, 0, NBUF_TABLE, 0};
  pointers.blocks[2] = {rows, sizeof rows, 0, NBUF_TABLE, 0};
  pointers.pub.block_count = 3;
  pointers.pub.buf = rows;
  pointers.strides[0] = pointers.strides[1] = sizeof(char*);
  pointers.suboffsets[0] = pointers.suboffsets[1] = 0;
  pointers.pub.suboffsets = pointers.suboffsets;
  CHECK(import(pointers, NBUF_FULL, &p) == NBUF_OK);
  CHECK(p->layout->levels.count == 3 && p->pub.suboffsets[1] == 0);
  const int64_t index[] = {1, 2};
  CHECK(locate(2, p->layout->strides, p->layout->levels, static_cast<char*>(p->pub.buf),
               index) == pointers.memory + 10);
  release(p);
}

void empty() {
  Peer peer;
  peer.make_indirect();
  peer.shape[1] = 0;
  peer.pub.len = 0;
  peer.pub.buf = nullptr;
  peer.pub.blocks = nullptr;
  peer.pub.block_count = 0;
  peer.pub.level_count = 2;
  peer.pub.axis_level = peer.axis_level;
  peer.pub.post_offsets = peer.post_offsets;
  Provider* p;
  CHECK(import(peer, NBUF_FULL | NBUF_LEVELS, &p) == NBUF_OK);
  CHECK(p->pub.len == 0 && p->pub.level_count == 2);
  CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
  release(p);
  peer.refs = 1;
  peer.post_offsets[0] = INT64_MAX;  // JavaScript could not say it
  CHECK(import(peer, NBUF_FULL | NBUF_LEVELS, &p) == NBUF_ERR_OUT_OF_RANGE);
  CHECK(peer.refs == 0);
}

// Parts of an import: the peer's blocks under keys that stay the same.
void parts() {
  Peer peer;
  peer.make_indirect();
  peer.suboffsets[0] = 0;
  peer.pub.suboffsets = peer.suboffsets;
  peer.pub.flags = NBUF_READONLY;
  Provider *p, *one, *two;
  CHECK(import(peer, NBUF_FULL_RO | NBUF_LEVELS, &p) == NBUF_OK);
  const nbuf_request request = request_of(NBUF_FULL_RO, "part");
  for (const uint64_t id : {uint64_t{77}, uint64_t{0}}) {
    const_cast<nbuf_block*>(p->memory->blocks)[1].id = id;
    CHECK(provide_part(p, 1, &request, &one, nullptr) == NBUF_OK);
    CHECK(provide_part(p, 1, &request, &two, nullptr) == NBUF_OK);
    CHECK(one->memory->key == two->memory->key && one->pub.blocks[0].id == id);
    CHECK(one->pub.buf == peer.memory && one->pub.len == 20);
    CHECK(one->pub.flags == NBUF_READONLY);
    release(two);
    release(one);
  }
  CHECK(provide_part(p, 2, &request, &one, nullptr) == NBUF_ERR_OUT_OF_RANGE);
  // An assembly of an import, whose parts come from there.
  const TableEntry entry = {0, 8};
  Memory* memory;
  CHECK(make_assembly(&p, 1, &entry, 1, 0, &memory, nullptr) == NBUF_OK);
  const int64_t shape[] = {1, 1, 3}, strides[] = {8, 8, 2}, post[] = {0, 0};
  const int32_t axis_level[] = {0, 1, 2};
  const LayoutSpec spec = {3, shape, strides, 0, 2, "h", {3, axis_level, post}};
  Provider* stacked;
  CHECK(provide_memory(memory, spec, 0, &request, nullptr, &stacked, nullptr) == NBUF_OK);
  release(p);
  CHECK(stacked->pub.suboffsets[0] == 0);
  CHECK(provide_part(stacked, 1, &request, &one, nullptr) == NBUF_OK);
  release(stacked);
  CHECK(one->pub.buf == peer.memory && peer.refs == 1);
  release(one);
  CHECK(peer.refs == 0);
}

// A peer that keeps changing its table: refused or granted, never read outside.
void restless_tables() {
#if !defined(__SANITIZE_THREAD__)  // it is a race, on purpose
  Peer peer;
  peer.make_indirect();
  peer.suboffsets[0] = 0;
  peer.pub.suboffsets = peer.suboffsets;
  std::atomic<bool> done{false};
  std::thread other([&] {
    char* volatile* table = peer.table;
    while (!done) {
      table[1] = reinterpret_cast<char*>(uintptr_t{8});
      table[1] = peer.memory + 12;
    }
  });
  int granted = 0;
  for (int i = 0; i < 20000; i++) {
    Provider* p;
    peer.refs = 1;
    if (import(peer, NBUF_FULL, &p) != NBUF_OK) continue;
    const int64_t index[] = {1, 2};
    granted += locate(2, p->layout->strides, p->layout->levels,
                      static_cast<char*>(p->pub.buf), index) == peer.memory + 16;
    CHECK(granted > 0 || i == 0);
    release(p);
  }
  done = true;
  other.join();
  std::printf("core_import_indirect: %d of 20000 were granted\n", granted);
#endif
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("core_import_indirect");
  int good = 0, bad = 0;
  for (uint64_t i = 0; i < 3000; i++) {
    one_case(seed + i, &good, &bad);
    stop_on_failure("core_import_indirect", seed + i);
  }
  CHECK(good > 1000 && bad > 100);
  suboffsets();
  empty();
  parts();
  restless_tables();
  return check_result("core_import_indirect");
}
