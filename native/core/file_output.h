// Bytes of memory into an open file.
#ifndef NBUF_CORE_FILE_OUTPUT_H
#define NBUF_CORE_FILE_OUTPUT_H

#include "status.h"

namespace nbuf::core {

// Both answer 0 or the system's errno.

// Makes room for `bytes` from the file's start on without changing its length, where the
// file system can: writing is faster then, and cannot run out of space half-way. Only too
// little space is an error; any other the writing will show.
int reserve_space(int fd, int64_t bytes);

// Writes all of them where the file stands, in as many calls as it takes.
int write_bytes(int fd, const char* data, int64_t size);

}  // namespace nbuf::core

#endif  // NBUF_CORE_FILE_OUTPUT_H
