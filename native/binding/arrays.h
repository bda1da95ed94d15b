// What other files need of arrays.cc.
#ifndef NBUF_BINDING_ARRAYS_H
#define NBUF_BINDING_ARRAYS_H

#include "convert.h"

namespace nbuf::binding {

// An External for a new array over `memory`, whose reference it takes over in any case.
napi_value wrap_array(EnvData* env, core::Memory* memory, const core::LayoutSpec& spec,
                      bool readonly);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_ARRAYS_H
