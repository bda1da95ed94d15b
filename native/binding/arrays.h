// What other files need of arrays.cc.
#ifndef NBUF_BINDING_ARRAYS_H
#define NBUF_BINDING_ARRAYS_H

#include "convert.h"

namespace nbuf::binding {

// An External for a new array over `memory`, whose reference it takes over in any case.
napi_value wrap_array(EnvData* env, core::Memory* memory, const core::LayoutSpec& spec,
                      bool readonly);

// {axis, post} of an indirect layout; null of a direct one.
napi_value levels_object(napi_env env, const core::Levels& levels, int32_t ndim);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_ARRAYS_H
