// test_core_lies.cc - import of a peer's provider, every field lied about, one at a time:
// refused with the right status, and released exactly once where that is possible.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

#include <limits>

#include "core/api.h"
#include "foreign_fixture.h"

using namespace nbuf::core;

namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kHuge = int64_t{1} << 62;

struct Lie {
  const char* what;
  Status expected;
  void (*tell)(Peer&);
};

const Lie kLies[] = {
    {"struct_size", NBUF_ERR_ABI, [](Peer& p) { p.pub.struct_size = 40; }},
    {"flags", NBUF_ERR_ABI, [](Peer& p) { p.pub.flags = 0x80; }},
    {"no retain", NBUF_ERR_ABI, [](Peer& p) { p.ops.retain = nullptr; }},
    {"no unlock", NBUF_ERR_ABI, [](Peer& p) { p.ops.unlock_layout = nullptr; }},
    {"no buf", NBUF_ERR_ABI, [](Peer& p) { p.pub.buf = nullptr; }},
    {"buf before", NBUF_ERR_BOUNDS, [](Peer& p) { p.pub.buf = p.memory - 1; }},
    {"buf behind", NBUF_ERR_BOUNDS, [](Peer& p) { p.pub.buf = p.memory + 7; }},
    {"buf at the end", NBUF_ERR_BOUNDS,
     [](Peer& p) { p.pub.buf = reinterpret_cast<void*>(UINTPTR_MAX); }},
    {"len < 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.len = -1; }},
    {"len 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.len = 0; }},
    {"len - 1", NBUF_ERR_ABI, [](Peer& p) { p.pub.len--; }},
    {"len huge", NBUF_ERR_ABI, [](Peer& p) { p.pub.len = kMax; }},
    {"itemsize 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.itemsize = 0; }},
    {"itemsize < 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.itemsize = kMin; }},
    {"itemsize 3", NBUF_ERR_ABI, [](Peer& p) { p.pub.itemsize = 3; }},
    {"itemsize of more than fits", NBUF_ERR_BOUNDS,
     [](Peer& p) { p.pub.itemsize = 8, p.pub.len = 48; }},
    {"itemsize overflows", NBUF_ERR_ABI, [](Peer& p) { p.pub.itemsize = kHuge; }},
    {"ndim < 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.ndim = -1; }},
    {"ndim 65", NBUF_ERR_ABI, [](Peer& p) { p.pub.ndim = 65; }},
    {"ndim 1", NBUF_ERR_ABI, [](Peer& p) { p.pub.ndim = 1; }},
    {"no shape", NBUF_ERR_ABI, [](Peer& p) { p.pub.shape = nullptr; }},
    {"extent < 0", NBUF_ERR_ABI, [](Peer& p) { p.shape[0] = -2; }},
    {"extents < 0", NBUF_ERR_ABI, [](Peer& p) { p.shape[0] = -2, p.shape[1] = -3; }},
    {"extent 3", NBUF_ERR_ABI, [](Peer& p) { p.shape[0] = 3; }},
    {"extent wraps", NBUF_ERR_ABI, [](Peer& p) { p.shape[0] = kHuge; }},
    {"a row too many", NBUF_ERR_BOUNDS, [](Peer& p) { p.shape[0] = 3, p.pub.len = 18; }},
    {"stride 11", NBUF_ERR_BOUNDS, [](Peer& p) { p.strides[0] = 11; }},
    {"stride < 0", NBUF_ERR_BOUNDS, [](Peer& p) { p.strides[0] = -8; }},
    {"stride huge", NBUF_ERR_BOUNDS, [](Peer& p) { p.strides[1] = kHuge; }},
    {"stride least", NBUF_ERR_BOUNDS, [](Peer& p) { p.strides[0] = kMin; }},
    {"strides wrap", NBUF_ERR_BOUNDS,
     [](Peer& p) { p.strides[0] = p.strides[1] = kHuge; }},
    {"format too long", NBUF_ERR_FORMAT, [](Peer& p) { p.pub.format = "d"; }},
    {"format of 2^40 bytes", NBUF_ERR_FORMAT,
     [](Peer& p) { p.pub.format = "1099511627776s"; }},
    {"suboffsets, no table", NBUF_ERR_BOUNDS,
     [](Peer& p) { p.suboffsets[0] = 0, p.pub.suboffsets = p.suboffsets; }},
    {"suboffsets, no strides", NBUF_ERR_ABI,
     [](Peer& p) { p.pub.suboffsets = p.suboffsets, p.pub.strides = nullptr; }},
    {"level_count 1", NBUF_ERR_ABI, [](Peer& p) { p.pub.level_count = 1; }},
    {"levels, no arrays", NBUF_ERR_ABI, [](Peer& p) { p.pub.level_count = 2; }},
    {"block_count < 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.block_count = -1; }},
    {"block_count 0", NBUF_ERR_ABI, [](Peer& p) { p.pub.block_count = 0; }},
    {"no blocks", NBUF_ERR_ABI, [](Peer& p) { p.pub.blocks = nullptr; }},
    {"block too small", NBUF_ERR_BOUNDS, [](Peer& p) { p.blocks[0].size = 17; }},
    {"block too late", NBUF_ERR_BOUNDS, [](Peer& p) { p.blocks[0].base = p.memory + 5; }},
    {"block elsewhere", NBUF_ERR_BOUNDS, [](Peer& p) { p.blocks[0].base = &p; }},
    {"block size < 0", NBUF_ERR_ABI, [](Peer& p) { p.blocks[0].size = -1; }},
    {"block size wraps", NBUF_ERR_ABI, [](Peer& p) { p.blocks[0].size = kMax; }},
    {"block nowhere", NBUF_ERR_ABI, [](Peer& p) { p.blocks[0].base = nullptr; }},
    {"block flags", NBUF_ERR_ABI, [](Peer& p) { p.blocks[0].flags = 0x2; }},
    {"table only", NBUF_ERR_BOUNDS, [](Peer& p) { p.blocks[0].flags = NBUF_TABLE; }},
    {"a block's half each", NBUF_ERR_BOUNDS,
     [](Peer& p) {
       p.blocks[0].size = 10;
       p.blocks[1] = {p.memory + 10, 10, 78, 0, 0};
       p.pub.block_count = 2;
     }},
};

void every_lie() {
  for (const Lie& lie : kLies) {
    Peer peer;
    nbuf_error error = no_error();
    Provider* out = reinterpret_cast<Provider*>(&peer);
    lie.tell(peer);
    const Status status = import(peer, NBUF_FULL, &out, &error);
    if (!CHECK(status == lie.expected && error.status == lie.expected))
      std::fprintf(stderr, "%s: status %d, %s\n", lie.what, static_cast<int>(status),
                   error.message);
    CHECK(error.message[0] != '\0' && out == nullptr);
    if (!CHECK(peer.refs == 0 && peer.releases == peer.retains + 1))
      std::fprintf(stderr, "%s: refs %d\n", lie.what, peer.refs);
    CHECK(peer.unlocks == 0);  // the last release returns both locks
  }
}

// Nothing tells how to release these: they are leaked rather than called.
void unreleasable() {
  const Lie lies[] = {
      {"no ops", NBUF_ERR_ABI, [](Peer& p) { p.pub.ops = nullptr; }},
      {"short", NBUF_ERR_ABI, [](Peer& p) { p.pub.struct_size = 8; }},
      {"short ops", NBUF_ERR_ABI, [](Peer& p) { p.ops.struct_size = 16; }},
      {"no release", NBUF_ERR_ABI, [](Peer& p) { p.ops.release = nullptr; }},
  };
  for (const Lie& lie : lies) {
    Peer peer;
    Provider* out;
    lie.tell(peer);
    CHECK(import(peer, NBUF_FULL, &out) == lie.expected && out == nullptr);
    CHECK(peer.refs == 1 && peer.releases == 0);
  }
  Provider* out;
  const nbuf_request request = request_of(NBUF_FULL);
  CHECK(import_provider(nullptr, &request, &out, nullptr) == NBUF_ERR_ABI);
  CHECK(out == nullptr);
}

#if defined(__SANITIZE_ADDRESS__)
void hide(void* p, size_t size) { __asan_poison_memory_region(p, size); }
void show(void* p, size_t size) { __asan_unpoison_memory_region(p, size); }
#else
void hide(void*, size_t) {}
void show(void*, size_t) {}
#endif

void short_structs() {
  // An older peer's struct ends before the levels: what lies behind it is not read, not
  // even to copy the whole.
  Peer old;
  constexpr size_t kSize = offsetof(nbuf_provider, level_count);
  old.pub.struct_size = kSize;
  old.pub.level_count = 99;
  hide(&old.pub.level_count, sizeof old.pub - kSize);
  Provider* out;
  CHECK(import(old, NBUF_FULL, &out) == NBUF_OK);
  int is_equal = 0;
  CHECK(kApi.copy(&old.pub, &out->pub, nullptr, nullptr) == NBUF_OK);
  CHECK(kApi.copy(&out->pub, &old.pub, nullptr, nullptr) == NBUF_OK);
  CHECK(kApi.equal(&out->pub, &old.pub, nullptr, &is_equal, nullptr) == NBUF_OK);
  CHECK(is_equal == 1);
  release(out);
  CHECK(old.refs == 0);
  show(&old.pub.level_count, sizeof old.pub - kSize);
}

// A peer that grants what its provider does not keep.
void broken_promises() {
  const struct {
    uint32_t asked;
    Status expected;
    void (*tell)(Peer&);
  } table[] = {
      {NBUF_FULL, NBUF_ERR_READONLY, [](Peer& p) { p.pub.flags = NBUF_READONLY; }},
      {NBUF_C_CONTIGUOUS, NBUF_ERR_CONTIGUITY, [](Peer&) {}},
      {NBUF_F_CONTIGUOUS, NBUF_ERR_CONTIGUITY, [](Peer&) {}},
      {NBUF_ND, NBUF_ERR_STRIDES, [](Peer&) {}},
      {NBUF_SIMPLE, NBUF_ERR_STRIDES, [](Peer&) {}},
      {NBUF_FULL | NBUF_REQUIRE_PINNED, NBUF_ERR_UNSUPPORTED,
       [](Peer& p) { p.pub.flags = NBUF_BORROWED; }},
      {0x2u, NBUF_ERR_UNSUPPORTED, [](Peer&) {}},
  };
  for (const auto& entry : table) {
    Peer peer;
    entry.tell(peer);
    Provider* out;
    CHECK(import(peer, entry.asked, &out) == entry.expected && out == nullptr);
    CHECK(peer.refs == 0 && peer.releases == peer.retains + 1);
  }
  Peer peer;
  Provider* out;
  nbuf_request small = request_of(NBUF_FULL);
  small.struct_size = 8;
  CHECK(import_provider(&peer.pub, &small, &out, nullptr) == NBUF_ERR_ABI);
  CHECK(out == nullptr && peer.refs == 0);
}

}  // namespace

int main() {
  every_lie();
  unreleasable();
  short_structs();
  broken_promises();
  return check_result("core_lies");
}
