/* A consumer that follows pointers itself: by suboffsets as PEP 3118 has it, or by
 * levels. */
#include <string.h>

#include "probe.h"

static const char* follow(const char* at, int64_t added) {
  const char* target;
  memcpy(&target, at, sizeof target);
  return target + added;
}

static const char* by_suboffsets(const nbuf_provider* p, const int64_t* index) {
  const char* at = (const char*)p->buf;
  int32_t i;
  for (i = 0; i < p->ndim; i++) {
    at += index[i] * p->strides[i];
    if (p->suboffsets != NULL && p->suboffsets[i] >= 0) at = follow(at, p->suboffsets[i]);
  }
  return at;
}

static const char* by_levels(const nbuf_provider* p, const int64_t* index) {
  const char* at = (const char*)p->buf;
  int32_t level, i;
  for (level = 0; level < p->level_count; level++) {
    for (i = 0; i < p->ndim; i++)
      if (p->axis_level[i] == level) at += index[i] * p->strides[i];
    if (level + 1 < p->level_count) at = follow(at, p->post_offsets[level]);
  }
  return at;
}

static int next(const nbuf_provider* p, int64_t* index) {
  int32_t i;
  for (i = p->ndim - 1; i >= 0; i--) {
    if (++index[i] < p->shape[i]) return 1;
    index[i] = 0;
  }
  return 0;
}

/* walk(slot) -> the bytes of all elements in C order */
napi_value probe_walk(napi_env env, napi_callback_info info) {
  probe_arguments a = probe_arguments_of(env, info);
  nbuf_provider* p = probe_held(env, a.values[0]);
  int64_t index[NBUF_MAX_NDIM] = {0};
  uint32_t count = 0;
  napi_value array;
  if (p == NULL) return NULL;
  napi_create_array(env, &array);
  if (p->len == 0) return array;
  do {
    const char* at = p->level_count > 0 ? by_levels(p, index) : by_suboffsets(p, index);
    int64_t i;
    for (i = 0; i < p->itemsize; i++) {
      napi_value value;
      napi_create_uint32(env, (unsigned char)at[i], &value);
      napi_set_element(env, array, count++, value);
    }
  } while (next(p, index));
  return array;
}
