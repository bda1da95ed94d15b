// Arguments from lib/ and results to it. lib/ has validated types already; whatever does
// not convert becomes a value that the callee refuses.
#ifndef NBUF_BINDING_CONVERT_H
#define NBUF_BINDING_CONVERT_H

#include <node_api.h>

#include "env_data.h"

namespace nbuf::binding {

// The arguments of one call; env data comes with the function.
template <size_t N>
struct Call {
  EnvData* env;
  napi_value argv[N];
  size_t argc = N;

  Call(napi_env raw, napi_callback_info info) {
    void* data = nullptr;
    napi_get_cb_info(raw, info, &argc, argv, nullptr, &data);
    env = static_cast<EnvData*>(data);
    env->error.message[0] = '\0';
  }
  int32_t integer(size_t i) const {
    int32_t value = -1;
    if (napi_get_value_int32(env->env, argv[i], &value) != napi_ok) return -1;
    return value;
  }
  Slot* slot(size_t i) const { return env->slots.at(integer(i)); }
  ArrayRecord* array(size_t i) const { return env->arrays.at(integer(i)); }
};

// The environment alone: arguments and result of the fastest calls go through env->words,
// because converting each would cost more than the rest of the crossing.
inline EnvData* env_of(napi_env raw, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(raw, info, nullptr, nullptr, nullptr, &data);
  return static_cast<EnvData*>(data);
}

inline napi_value undefined(napi_env env) {
  napi_value value = nullptr;
  napi_get_undefined(env, &value);
  return value;
}

inline napi_value number(napi_env env, int32_t value) {
  napi_value out = nullptr;
  napi_create_int32(env, value, &out);
  return out;
}

inline napi_value number64(napi_env env, int64_t value) {
  napi_value out = nullptr;
  napi_create_int64(env, value, &out);
  return out;
}

inline napi_value boolean(napi_env env, bool value) {
  napi_value out = nullptr;
  napi_get_boolean(env, value, &out);
  return out;
}

inline napi_value text(napi_env env, const char* value) {
  napi_value out = nullptr;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &out);
  return out;
}

inline napi_value null(napi_env env) {
  napi_value value = nullptr;
  napi_get_null(env, &value);
  return value;
}

// An int64_t[] as an array of numbers.
napi_value number_array(napi_env env, const int64_t* values, int32_t count);

// {axis, post} of an indirect layout; null of a direct one.
napi_value levels_object(napi_env env, const core::Levels& levels, int32_t ndim);

void set(napi_env env, napi_value object, const char* name, napi_value value);

// UTF-8 text of a string argument; empty and false when it is no string.
bool string_of(napi_env env, napi_value value, std::vector<char>* out);

// A layout that JavaScript wrote into the scratch array: ndim, offset, itemsize,
// level_count, shape[64], strides[64], axis_level[64], post[64]; of a direct layout
// (level_count 1) the last two are not read. Checked to be integers; the core checks the
// rest.
constexpr size_t kScratchLayout = 4 + 4 * NBUF_MAX_NDIM;
constexpr size_t kScratchLength = 2 * kScratchLayout;
struct ScratchLayout {
  core::LayoutSpec spec;
  int64_t shape[NBUF_MAX_NDIM], strides[NBUF_MAX_NDIM], post[NBUF_MAX_NDIM];
  int32_t axis_level[NBUF_MAX_NDIM];
  ScratchLayout(const ScratchLayout&) = delete;
  ScratchLayout() = default;
  nbuf_status read(EnvData* env, int which);

 private:
  bool read_levels(const double* axes);
};

// An integer that a double holds exactly.
bool integer_of(double value, int64_t* out);

// The index of one element, which JavaScript wrote in place of layout 1.
nbuf_status read_index(EnvData* env, int32_t ndim, int64_t* out);

// What a tagged External stands for: nobody else's pointer may be taken for it.
enum class Kind { slot, array };
bool tag_external(napi_env env, napi_value external, Kind kind);
// NULL for everything else.
void* tagged_data(napi_env env, napi_value external, Kind kind);

// Bytes of a Uint8Array argument.
struct Bytes {
  char* data = nullptr;
  size_t size = 0;
};
bool bytes_of(napi_env env, napi_value value, Bytes* out);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_CONVERT_H
