#include "api_table.h"

#include <nbuf/nbuf_node.h>

#include "core/api.h"

namespace nbuf::binding {
namespace {

// Defines the property for good. A value that JavaScript may change is replaced, anything
// else stays: then other addons are told that there is no table.
const char kDefine[] =
    "(external) => {'use strict';\n"
    "  try {\n"
    "    return Reflect.defineProperty(globalThis, Symbol.for('nbuf.api'), {\n"
    "      __proto__: null, value: external, enumerable: false, writable: false,\n"
    "      configurable: false});\n"
    "  } catch { return false; }\n"
    "}";

napi_value make_external(napi_env env) {
  napi_value external = nullptr;
  auto* table = const_cast<nbuf_api*>(&core::kApi);  // nobody writes through it
  if (napi_create_external(env, table, nullptr, nullptr, &external) != napi_ok ||
      napi_type_tag_object(env, external, &nbuf_api_tag) != napi_ok)
    return nullptr;
  return external;
}

}  // namespace

bool publish_api(napi_env env) {
  const nbuf_api* known = nullptr;
  if (nbuf_get_api(env, &known, nullptr) == NBUF_OK) return true;
  napi_value external = make_external(env);
  napi_value source, define, undefined, answer;
  bool is_pending = false;
  if (external != nullptr &&
      napi_create_string_utf8(env, kDefine, NAPI_AUTO_LENGTH, &source) == napi_ok &&
      napi_run_script(env, source, &define) == napi_ok &&
      napi_get_undefined(env, &undefined) == napi_ok)
    napi_call_function(env, undefined, define, 1, &external, &answer);
  return napi_is_exception_pending(env, &is_pending) == napi_ok && !is_pending;
}

}  // namespace nbuf::binding
