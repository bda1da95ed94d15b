// How assemblies are put together, of our own parts or of a peer's provider.
#ifndef NBUF_CORE_ASSEMBLY_BUILD_H
#define NBUF_CORE_ASSEMBLY_BUILD_H

#include <cstdlib>
#include <memory>

#include "assembly.h"

namespace nbuf::core {

struct FreeAssembly {
  void operator()(Assembly* assembly) const { assembly->ops->destroy(assembly); }
};
using AssemblyPointer = std::unique_ptr<Assembly, FreeAssembly>;

struct FreeArray {
  void operator()(void* array) const { std::free(array); }
};
template <typename T>
using Array = std::unique_ptr<T[], FreeArray>;

// Zeroed; NULL when memory is short. Of plain values only.
template <typename T>
Array<T> make_array(int64_t count) {
  const size_t some = count > 0 ? static_cast<size_t>(count) : 1;
  return Array<T>(static_cast<T*>(std::calloc(some, sizeof(T))));
}

// With a zeroed table, and room for so many blocks of elements and parts, of which there
// are none yet.
Status allocate_assembly(int64_t table_size, int64_t blocks, int64_t parts,
                         AssemblyPointer* out, Error* error);

void add_block(Assembly* assembly, const nbuf_block& block, int32_t part, int32_t number);

// Notes a pointer into the table at byte `at` of it; false when memory is short.
bool mark_inner(Assembly* assembly, int64_t at);
inline bool is_inner(const Assembly& assembly, int64_t at) {
  return assembly.inner != nullptr && (assembly.inner[at / 8] >> (at % 8) & 1) != 0;
}

// No blocks or parts are added any more. ABI where elements overlap the table.
Status finish_assembly(AssemblyPointer assembly, uint32_t flags, Memory** out,
                       Error* error);

inline int64_t round_up(int64_t size) { return (size + 7) / 8 * 8; }

}  // namespace nbuf::core

#endif  // NBUF_CORE_ASSEMBLY_BUILD_H
