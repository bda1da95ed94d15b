/* P9's peer: an addon with nothing in it. */
#include <node_api.h>

NAPI_MODULE_INIT() {
  (void)env;
  return exports;
}
