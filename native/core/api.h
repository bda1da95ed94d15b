// The copy engine over any peer's providers: the table of functions of nbuf.h.
#ifndef NBUF_CORE_API_H
#define NBUF_CORE_API_H

#include "status.h"

namespace nbuf::core {

extern const nbuf_api kApi;

}  // namespace nbuf::core

#endif  // NBUF_CORE_API_H
