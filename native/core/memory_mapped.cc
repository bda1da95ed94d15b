// Memory of a mapped file. POSIX; elsewhere mapping is UNSUPPORTED.
#include <cerrno>
#include <cstring>
#include <new>

#include "memory.h"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace nbuf::core {

#if defined(_WIN32)

Status make_mapped_memory(const char*, MapMode, int64_t, int64_t, Memory** out,
                          Error* error) {
  *out = nullptr;
  return nbuf_fail(error, NBUF_ERR_UNSUPPORTED,
                   "mapped files are not supported on Windows");
}

#else

namespace {

struct MappedMemory : Memory {
  void* mapping;  // page-aligned; the block begins inside
  size_t mapped_size;
  int64_t file_end;  // the file must stay at least this long
  int fd;            // kept open to re-check the size
};

Status system_error(const char* what, const char* path, Error* error) {
  return nbuf_fail(error, NBUF_ERR_IO, "%s '%.120s': %s", what, path,
                   std::strerror(errno));
}

void destroy_mapped(Memory* memory) {
  auto* self = static_cast<MappedMemory*>(memory);
  if (self->mapping != nullptr) munmap(self->mapping, self->mapped_size);
  close(self->fd);
  delete self;
}

Status check_mapped(const Memory* memory, Error* error) {
  const auto* self = static_cast<const MappedMemory*>(memory);
  struct stat info;
  if (fstat(self->fd, &info) != 0) return system_error("stat", "mapped file", error);
  if (info.st_size < self->file_end)
    return nbuf_fail(
        error, NBUF_ERR_IO, "the mapped file was truncated: %lld bytes, %lld are mapped",
        static_cast<long long>(info.st_size), static_cast<long long>(self->file_end));
  return NBUF_OK;
}

Status flush_mapped(const Memory* memory, Error* error) {
  const auto* self = static_cast<const MappedMemory*>(memory);
  Status status = check_mapped(memory, error);
  if (status != NBUF_OK || self->mapping == nullptr) return status;
  if (msync(self->mapping, self->mapped_size, MS_SYNC) != 0)
    return system_error("flush", "mapped file", error);
  return NBUF_OK;
}

constexpr MemoryOps kMappedOps = {destroy_mapped, check_mapped, flush_mapped};

int open_for(const char* path, MapMode mode) {
  const int flags = mode == MapMode::read_write ? O_RDWR : O_RDONLY;
  // Non-blocking: a FIFO must answer "not a regular file", not wait for a writer.
  return open(path, flags | O_CLOEXEC | O_NONBLOCK);
}

// Works out the range inside the file; fails when it leaves it.
Status find_range(const struct stat& info, const char* path, int64_t offset,
                  int64_t* length, Error* error) {
  if (!S_ISREG(info.st_mode))
    return nbuf_fail(error, NBUF_ERR_IO, "'%.120s' is not a regular file", path);
  const int64_t size = info.st_size;
  if (offset < 0 || offset > size || (*length >= 0 && *length > size - offset))
    return nbuf_fail(error, NBUF_ERR_BOUNDS,
                     "'%.120s' has %lld bytes: cannot map %lld from offset %lld", path,
                     static_cast<long long>(size), static_cast<long long>(*length),
                     static_cast<long long>(offset));
  if (*length < 0) *length = size - offset;
  return NBUF_OK;
}

Status map_range(MappedMemory* self, MapMode mode, int64_t offset, int64_t length,
                 const char* path, Error* error) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  const int64_t lead = offset % page;
  self->mapping = nullptr;
  self->mapped_size = static_cast<size_t>(length + lead);
  void* base = nullptr;
  if (length > 0) {
    const int protection =
        mode == MapMode::read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    // Private pages of a copy-on-write map are not reserved: most are never written.
    const int sharing =
        mode == MapMode::copy_on_write ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
    void* mapping = mmap(nullptr, self->mapped_size, protection, sharing, self->fd,
                         static_cast<off_t>(offset - lead));
    if (mapping == MAP_FAILED) return system_error("map", path, error);
    self->mapping = mapping;
    base = static_cast<char*>(mapping) + lead;
  }
  self->ops = &kMappedOps;
  self->key = reinterpret_cast<uint64_t>(static_cast<Memory*>(self));
  self->block = {base, length, self->key, 0, 0};
  self->provider_flags = mode == MapMode::read_only ? NBUF_READONLY : 0;
  self->is_heap = false;
  self->file_end = offset + length;
  return NBUF_OK;
}

}  // namespace

Status make_mapped_memory(const char* path, MapMode mode, int64_t offset, int64_t length,
                          Memory** out, Error* error) {
  *out = nullptr;
  const int fd = open_for(path, mode);
  if (fd < 0) return system_error("open", path, error);
  struct stat info;
  Status status = fstat(fd, &info) == 0 ? find_range(info, path, offset, &length, error)
                                        : system_error("stat", path, error);
  auto* made = status == NBUF_OK ? new (std::nothrow) MappedMemory : nullptr;
  if (status == NBUF_OK && made == nullptr) status = out_of_memory(error);
  if (status == NBUF_OK) {
    made->fd = fd;
    status = map_range(made, mode, offset, length, path, error);
  }
  if (status != NBUF_OK) {
    delete made;
    close(fd);
    return status;
  }
  *out = made;
  return NBUF_OK;
}

#endif

}  // namespace nbuf::core
