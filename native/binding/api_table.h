// The table of functions for other addons, at globalThis[Symbol.for('nbuf.api')].
#ifndef NBUF_BINDING_API_TABLE_H
#define NBUF_BINDING_API_TABLE_H

#include <node_api.h>

namespace nbuf::binding {

// After nbuf_env_init. Leaves a table that is there already, of an earlier copy of the
// package; nothing depends on its success. False with an exception pending.
bool publish_api(napi_env env);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_API_TABLE_H
