/* Crooks as JavaScript sees them: one function for each, so that a path names it. */
#include "crook.h"

/* Data of a function: a lie, or a trick. */
typedef struct {
  const lie* lie;
  int trick;
} choice;

static void external_gone(napi_env env, void* data, void* hint) {
  nbuf_exporter* exporter = (nbuf_exporter*)data;
  (void)env;
  (void)hint;
  exporter->ops->release(exporter);
}

/* The method of exporters whose Externals are wrong. */
static napi_value wrong_method(napi_env env, napi_callback_info info) {
  nbuf_exporter* exporter;
  napi_value result = NULL;
  void* data;
  napi_get_cb_info(env, info, NULL, NULL, NULL, &data);
  exporter = (nbuf_exporter*)data;
  switch ((int)((crook*)data)->trick) {
    case method_gives_number:
      napi_create_int32(env, 5, &result);
      break;
    case method_throws:
      napi_throw_error(env, NULL, "not today");
      break;
    case external_without_tag:
      napi_create_external(env, exporter, NULL, NULL, &result);
      break;
    default: /* it gives back a retain that it never took */
      napi_create_external(env, exporter, external_gone, NULL, &result);
      napi_type_tag_object(env, result, &nbuf_type_tag);
  }
  return result;
}

static napi_value with_wrong_method(napi_env env, nbuf_exporter* exporter) {
  napi_value object, global, symbols, make, text, symbol, method;
  napi_create_object(env, &object);
  napi_get_global(env, &global);
  napi_get_named_property(env, global, "Symbol", &symbols);
  napi_get_named_property(env, symbols, "for", &make);
  napi_create_string_utf8(env, "nbuf.exporter", NAPI_AUTO_LENGTH, &text);
  napi_call_function(env, symbols, make, 1, &text, &symbol);
  napi_create_function(env, "export", NAPI_AUTO_LENGTH, wrong_method, exporter, &method);
  napi_set_property(env, object, symbol, method);
  return object;
}

static void abort_at_exit(void* data) {
  (void)data;
  abort();
}

static napi_value make(napi_env env, napi_callback_info info) {
  const choice* chosen;
  nbuf_exporter* exporter;
  napi_value object;
  nbuf_status status;
  void* data;
  napi_get_cb_info(env, info, NULL, NULL, NULL, &data);
  chosen = (const choice*)data;
  crook_env = env;
  exporter = make_crook(chosen->lie, chosen->trick);
  if (exporter == NULL) return throw_status(env, NBUF_ERR_NOMEM, NULL);
  if (chosen->trick == aborts_at_exit)
    napi_add_env_cleanup_hook(env, abort_at_exit, exporter);
  if (chosen->trick >= external_without_retain) return with_wrong_method(env, exporter);
  status = nbuf_publish(env, exporter, &object);
  exporter->ops->release(exporter);
  return status == NBUF_OK ? object : throw_status(env, status, NULL);
}

static void add(napi_env env, napi_value kit, const char* name, choice chosen) {
  choice* data = (choice*)malloc(sizeof *data); /* as long as the function: for ever */
  napi_value function;
  if (data == NULL) return;
  *data = chosen;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, make, data, &function);
  napi_set_named_property(env, kit, name, function);
}

napi_value make_kit(napi_env env) {
  const lie* const tables[] = {layout_lies, memory_lies, ops_lies};
  napi_value kit;
  size_t i;
  int trick;
  napi_create_object(env, &kit);
  for (i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    const lie* each = tables[i];
    for (; each->name != NULL; each++) {
      choice chosen = {each, 0};
      add(env, kit, each->name, chosen);
    }
  }
  for (trick = 0; tricks[trick] != NULL; trick++) {
    choice chosen = {NULL, trick};
    add(env, kit, tricks[trick], chosen);
  }
  return kit;
}
