// copyAsync: copies on threads of their own, under locks that outlive whatever JavaScript
// does.
#ifndef NBUF_BINDING_COPY_ASYNC_H
#define NBUF_BINDING_COPY_ASYNC_H

#include "env_data.h"

namespace nbuf::binding {

// When the environment ends: stops all copies, waits for their threads (as long as one
// chunk takes), and returns their locks.
void end_copies(EnvData* env);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_COPY_ASYNC_H
