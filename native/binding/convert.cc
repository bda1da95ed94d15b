#include "convert.h"

namespace nbuf::binding {

napi_value number_array(napi_env env, const int64_t* values, int32_t count) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, static_cast<size_t>(count), &array) != napi_ok)
    return nullptr;
  for (int32_t i = 0; i < count; i++)
    napi_set_element(env, array, static_cast<uint32_t>(i), number64(env, values[i]));
  return array;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

napi_value levels_object(napi_env env, const core::Levels& levels, int32_t ndim) {
  if (levels.count < 2) return null(env);
  int64_t axes[NBUF_MAX_NDIM];
  for (int32_t i = 0; i < ndim; i++) axes[i] = levels.axis_level[i];
  napi_value out;
  napi_create_object(env, &out);
  set(env, out, "axis", number_array(env, axes, ndim));
  set(env, out, "post", number_array(env, levels.post, levels.count - 1));
  return out;
}

bool string_of(napi_env env, napi_value value, std::vector<char>* out) {
  size_t length = 0;
  out->assign(1, '\0');
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok)
    return false;
  out->assign(length + 1, '\0');
  return napi_get_value_string_utf8(env, value, out->data(), length + 1, &length) ==
         napi_ok;
}

bool integer_of(double value, int64_t* out) {
  constexpr double kLimit = 9007199254740992.0;  // 2^53: beyond it doubles skip integers
  if (!(value > -kLimit && value < kLimit)) return false;
  *out = static_cast<int64_t>(value);
  return static_cast<double>(*out) == value;
}

namespace {

nbuf_status not_integers(EnvData* env) {
  return nbuf_fail(&env->error, NBUF_ERR_OUT_OF_RANGE,
                   "the layout holds no safe integers");
}

}  // namespace

bool ScratchLayout::read_levels(const double* axes) {
  int64_t level;
  for (int32_t i = 0; i < spec.ndim; i++) {
    if (!integer_of(axes[2 * NBUF_MAX_NDIM + i], &level) || level < 0 ||
        level >= spec.levels.count)
      return false;
    axis_level[i] = static_cast<int32_t>(level);
  }
  for (int32_t i = 0; i + 1 < spec.levels.count; i++)
    if (!integer_of(axes[3 * NBUF_MAX_NDIM + i], &post[i])) return false;
  spec.levels.axis_level = axis_level;
  spec.levels.post = post;
  return true;
}

nbuf_status ScratchLayout::read(EnvData* env, int which) {
  const double* from = env->scratch + static_cast<size_t>(which) * kScratchLayout;
  const double* axes = from + 4;
  int64_t ndim, levels;
  bool is_good = integer_of(from[0], &ndim) && ndim >= 0 && ndim <= NBUF_MAX_NDIM &&
                 integer_of(from[1], &spec.offset) &&
                 integer_of(from[2], &spec.itemsize) && integer_of(from[3], &levels) &&
                 levels >= 1 && levels <= NBUF_MAX_NDIM;
  for (int64_t i = 0; is_good && i < ndim; i++)
    is_good = integer_of(axes[i], &shape[i]) &&
              integer_of(axes[NBUF_MAX_NDIM + i], &strides[i]);
  if (!is_good) return not_integers(env);
  spec.ndim = static_cast<int32_t>(ndim);
  spec.shape = shape;
  spec.strides = strides;
  spec.levels.count = static_cast<int32_t>(levels);
  if (levels > 1 && !read_levels(axes)) return not_integers(env);
  return NBUF_OK;
}

nbuf_status read_index(EnvData* env, int32_t ndim, int64_t* out) {
  for (int32_t i = 0; i < ndim; i++)
    if (!integer_of(env->scratch[kScratchLayout + static_cast<size_t>(i)], &out[i]))
      return not_integers(env);
  return NBUF_OK;
}

namespace {

// The address tells two copies of nbuf apart, whose structs may differ.
napi_type_tag tag_of(Kind kind) {
  static const char here = 0;
  return {0x6e62756600000001ULL + static_cast<uint64_t>(kind),
          static_cast<uint64_t>(reinterpret_cast<uintptr_t>(&here))};
}

}  // namespace

bool tag_external(napi_env env, napi_value external, Kind kind) {
  const napi_type_tag tag = tag_of(kind);
  return napi_type_tag_object(env, external, &tag) == napi_ok;
}

void* tagged_data(napi_env env, napi_value external, Kind kind) {
  const napi_type_tag tag = tag_of(kind);
  napi_valuetype type;
  bool is_ours = false;
  void* data = nullptr;
  if (napi_typeof(env, external, &type) != napi_ok || type != napi_external ||
      napi_check_object_type_tag(env, external, &tag, &is_ours) != napi_ok || !is_ours ||
      napi_get_value_external(env, external, &data) != napi_ok)
    return nullptr;
  return data;
}

bool bytes_of(napi_env env, napi_value value, Bytes* out) {
  napi_typedarray_type type;
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) !=
          napi_ok ||
      type != napi_uint8_array)
    return false;
  out->data = static_cast<char*>(data);
  out->size = length;
  return true;
}

}  // namespace nbuf::binding
