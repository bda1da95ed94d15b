// P6's peer: an addon that hands its frame out as Node-API's own copying function does.
// copyFrame(bytes): the same native bytes, in a new Buffer each time.
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

static char* frame;
static size_t frame_size;

static napi_value copy_frame(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  double size = 0;
  napi_value argument, buffer = NULL;
  void* copied;
  napi_get_cb_info(env, info, &argc, &argument, NULL, NULL);
  napi_get_value_double(env, argument, &size);
  if (frame_size != (size_t)size) {
    free(frame);
    frame_size = (size_t)size;
    frame = malloc(frame_size);
    if (frame == NULL) {
      napi_throw_error(env, NULL, "no memory for the frame");
      return NULL;
    }
    memset(frame, 1, frame_size);
  }
  napi_create_buffer_copy(env, frame_size, frame, &copied, &buffer);
  return buffer;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "copyFrame", NAPI_AUTO_LENGTH, copy_frame, NULL, &function);
  napi_set_named_property(env, exports, "copyFrame", function);
  return exports;
}
