#include "file_output.h"

#include <algorithm>
#include <cerrno>

#if !defined(_WIN32)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace nbuf::core {

#if defined(__linux__)

int reserve_space(int fd, int64_t bytes) {
  // Not posix_fallocate: that writes zeros where the file system cannot reserve.
  while (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) != 0)
    if (errno != EINTR) return errno == ENOSPC ? ENOSPC : 0;
  return 0;
}

#else

int reserve_space(int, int64_t) { return 0; }

#endif

#if defined(_WIN32)

// Node's file descriptors belong to its own C library there.
int write_bytes(int, const char*, int64_t) { return ENOTSUP; }

#else

int write_bytes(int fd, const char* data, int64_t size) {
  constexpr int64_t most = int64_t{1} << 30;  // what every system takes in one call
  while (size > 0) {
    const ssize_t count = write(fd, data, static_cast<size_t>(std::min(size, most)));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : EIO;
    data += count;
    size -= count;
  }
  return 0;
}

#endif

}  // namespace nbuf::core
