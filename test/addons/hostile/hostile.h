/* What the translation units of this addon share. */
#ifndef HOSTILE_H
#define HOSTILE_H
#include <nbuf/nbuf_node.h>

/* A truthful provider: 2x3 of format "h" in the middle of 64 bytes, before a lie changes
 * it. It is never freed, so that a release too many is counted instead of crashing. */
typedef struct {
  nbuf_provider p; /* first */
  nbuf_provider_ops ops;
  long refs;
  int64_t shape[NBUF_MAX_NDIM + 1], strides[NBUF_MAX_NDIM + 1];
  int64_t suboffsets[NBUF_MAX_NDIM + 1], post[NBUF_MAX_NDIM + 1];
  int32_t axis_level[NBUF_MAX_NDIM + 1];
  nbuf_block blocks[2];
  char** table; /* of MEMORY_TABLE pointers */
  char* memory; /* MEMORY_SIZE bytes */
} liar_provider;
enum { MEMORY_SIZE = 64, MEMORY_TABLE = 3 };

/* One rule that is broken: in the provider, or by acquire itself (then `make` is NULL).
 */
typedef struct {
  const char* name;
  void (*make)(liar_provider*);
  nbuf_status (*acquire)(liar_provider*, nbuf_provider** out);
} lie;

/* The provider as it is before a lie; memory and table are set. */
void fill_truth(liar_provider* made, uint64_t id);

extern const lie layout_lies[], memory_lies[], ops_lies[]; /* end with a NULL name */

typedef struct {
  long acquired, ended, released_too_often, exporters;
} liar_counts;
extern liar_counts counts;

const lie* find_lie(const char* name);

/* An exporter that tells this lie; id: of its block, 0 for none. NULL: out of memory. */
nbuf_exporter* make_liar(const lie* which, uint64_t id);

napi_value throw_status(napi_env env, nbuf_status status, const nbuf_error* error);
void set_number(napi_env env, napi_value object, const char* name, int64_t value);

/* crook.c: an exporter that keeps every promise but one, which it breaks by what it says
 * (a lie) or by what it does (a trick). */
extern const char* const tricks[]; /* their names; ends with NULL */
nbuf_exporter* make_crook(const lie* told, int trick);
extern napi_env crook_env; /* of whoever loaded it last */

/* kit.c: { name() -> an exporter } for all lies and tricks */
napi_value make_kit(napi_env env);

/* honest.c */
napi_value honest(napi_env env, napi_callback_info info);
napi_value honest_locks(napi_env env, napi_callback_info info);
napi_value honest_reshape(napi_env env, napi_callback_info info);
napi_value honest_freed(napi_env env, napi_callback_info info);

/* mute.c */
napi_value mute(napi_env env, napi_callback_info info);
napi_value mute_asked(napi_env env, napi_callback_info info);

#endif
