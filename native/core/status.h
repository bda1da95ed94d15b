// Statuses inside the core: nbuf.h's list and error struct under short names.
#ifndef NBUF_CORE_STATUS_H
#define NBUF_CORE_STATUS_H

#include <nbuf/nbuf.h>

namespace nbuf::core {

using Status = nbuf_status;
using Error = nbuf_error;

inline Status out_of_memory(Error* error) {
  return nbuf_fail(error, NBUF_ERR_NOMEM, "out of memory");
}

}  // namespace nbuf::core

#endif  // NBUF_CORE_STATUS_H
