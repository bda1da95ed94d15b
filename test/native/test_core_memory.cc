// test_core_memory.cc - heap and adopted memory: alignment, zeroes, refusals, one free.
#include <limits>

#include "core_fixture.h"

using namespace nbuf::core;

// Sanitizers would rather stop the program than let an allocation fail.
extern "C" {
const char* __asan_default_options() { return "allocator_may_return_null=1"; }
const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
}

namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

void heap() {
  for (const int64_t align : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{64},
                              int64_t{128}, int64_t{4096}, int64_t{1} << 20}) {
    for (const int64_t size : {0, 1, 63, 64, 65, 4096, 100001}) {
      Memory* memory = nullptr;
      CHECK(make_heap_memory(size, align, &memory, nullptr) == NBUF_OK);
      const auto* bytes = static_cast<const char*>(memory->block.base);
      const int64_t needed = align < 64 ? 64 : align;
      CHECK(reinterpret_cast<uintptr_t>(bytes) % static_cast<uintptr_t>(needed) == 0);
      CHECK(memory->block.size == size && memory->is_heap);
      CHECK(memory->provider_flags == 0 && memory->block.flags == 0);
      CHECK(memory->block.id != 0);
      for (int64_t i = 0; i < size; i++)
        if (!CHECK(bytes[i] == 0)) break;
      if (size > 0) std::memset(memory->block.base, 1, static_cast<size_t>(size));
      retain(memory);
      release(memory);
      CHECK(memory->block.size == size);
      // Held while the next one is made: ids differ between blocks that live.
      Memory* other = nullptr;
      CHECK(make_heap_memory(size, align, &other, nullptr) == NBUF_OK);
      CHECK(other->block.id != memory->block.id);
      CHECK(size == 0 || other->block.base != memory->block.base);
      release(other);
      release(memory);
    }
  }
  release(static_cast<Memory*>(nullptr));
}

void too_much() {
  for (const int64_t size : {kMax, kMax - 64, kMax - 63, int64_t{1} << 62, int64_t{-1},
                             std::numeric_limits<int64_t>::min()}) {
    nbuf_error error = no_error();
    Memory* memory = reinterpret_cast<Memory*>(&error);
    CHECK(make_heap_memory(size, 64, &memory, &error) == NBUF_ERR_NOMEM);
    CHECK(memory == nullptr && error.status == NBUF_ERR_NOMEM);
    CHECK_TEXT(error.message, "cannot be allocated");
  }
  Memory* memory = nullptr;
  CHECK(make_heap_memory(kMax - 4096, 8192, &memory, nullptr) == NBUF_ERR_NOMEM);
  CHECK(make_heap_memory(1, int64_t{1} << 62, &memory, nullptr) == NBUF_ERR_NOMEM);
}

void adopted() {
  CountedBytes counted(10);
  Memory* memory = counted.adopt(NBUF_READONLY);
  CHECK(memory->block.base == counted.bytes.data() && memory->block.size == 10);
  CHECK(memory->provider_flags == NBUF_READONLY && !memory->is_heap);
  retain(memory);
  release(memory);
  CHECK(counted.frees == 0);
  release(memory);
  CHECK(counted.frees == 1);
  char mine[4];
  CHECK(make_adopted_memory(mine, 4, 0, nullptr, nullptr, &memory, nullptr) == NBUF_OK);
  release(memory);  // without a free function: nothing to call
  CHECK(make_adopted_memory(nullptr, 0, 0, nullptr, nullptr, &memory, nullptr) ==
        NBUF_OK);
  release(memory);
}

void adopted_nonsense() {
  static int frees = 0;
  char mine[4];
  const auto never = [](void*) { frees++; };
  const struct {
    void* base;
    int64_t size;
  } table[] = {{nullptr, 1}, {mine, -1}, {nullptr, -1}, {mine, kMax}};
  for (const auto& entry : table) {
    nbuf_error error = no_error();
    Memory* memory = reinterpret_cast<Memory*>(mine);
    CHECK(make_adopted_memory(entry.base, entry.size, 0, never, mine, &memory, &error) ==
          NBUF_ERR_OUT_OF_RANGE);
    CHECK(memory == nullptr && error.status == NBUF_ERR_OUT_OF_RANGE && frees == 0);
  }
}

// Readonly memory and readonly arrays alike refuse who wants to write, and only those.
void readonly_arrays() {
  for (const bool by_memory : {false, true}) {
    CountedBytes counted(8);
    HostArray* array = nullptr;
    const int64_t shape[] = {8};
    LayoutSpec spec;
    spec.ndim = 1;
    spec.shape = shape;
    CHECK(make_host_array(counted.adopt(by_memory ? NBUF_READONLY : 0), spec, !by_memory,
                          &array, nullptr) == NBUF_OK);
    Provider* p;
    uint32_t epoch;
    nbuf_request request = request_of(NBUF_FULL);
    CHECK(acquire(array, &request, &p, &epoch, nullptr) == NBUF_ERR_READONLY);
    request.flags = NBUF_FULL_RO;
    CHECK(acquire(array, &request, &p, &epoch, nullptr) == NBUF_OK);
    CHECK((p->pub.flags & NBUF_READONLY) != 0);
    Provider* child;
    CHECK(reexport(p, spec, 0, &request, &child, nullptr) == NBUF_OK);
    CHECK((child->pub.flags & NBUF_READONLY) != 0);
    release(p);
    release(child);
    CHECK(counted.frees == 0);
    release_owner(array);
    CHECK(counted.frees == 1);
  }
}

}  // namespace

int main() {
  heap();
  too_much();
  adopted();
  adopted_nonsense();
  readonly_arrays();
  return check_result("core_memory");
}
