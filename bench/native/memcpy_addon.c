// The copy benchmark's baseline.
// prepare(bytes): a source and a target of so many bytes, in huge pages where the system
// gives them, as NumPy has them. run(count): nanoseconds of one memcpy between them.
#define _GNU_SOURCE
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

static char *source, *target;
static size_t size;

static double number_argument(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  double number = 0;
  napi_value argument;
  napi_get_cb_info(env, info, &argc, &argument, NULL, NULL);
  napi_get_value_double(env, argument, &number);
  return number;
}

static char* allocate(size_t bytes, int content) {
  void* made = NULL;
  if (posix_memalign(&made, 1 << 21, bytes) != 0) return NULL;
#if defined(__linux__)
  if (bytes >= 1 << 22) madvise(made, bytes, MADV_HUGEPAGE);
#endif
  memset(made, content, bytes);
  return made;
}

static napi_value prepare(napi_env env, napi_callback_info info) {
  size = (size_t)number_argument(env, info);
  free(source);
  free(target);
  source = allocate(size, 1);
  target = allocate(size, 0);
  if (source == NULL || target == NULL) napi_throw_error(env, NULL, "no memory");
  return NULL;
}

static double nanoseconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static napi_value run(napi_env env, napi_callback_info info) {
  const long count = (long)number_argument(env, info);
  // Through a pointer that the compiler cannot see through: no copy is left out.
  void* (*volatile copy)(void*, const void*, size_t) = memcpy;
  napi_value result;
  double wall = nanoseconds(CLOCK_MONOTONIC), used = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  for (long k = 0; k < count; k++) copy(target, source, size);
  wall = nanoseconds(CLOCK_MONOTONIC) - wall;
  used = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - used;
  napi_create_double(env, (used < wall ? used : wall) / (double)count, &result);
  return result;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"prepare", NULL, prepare, NULL, NULL, NULL, napi_enumerable, NULL},
      {"run", NULL, run, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, 2, functions);
  return exports;
}
