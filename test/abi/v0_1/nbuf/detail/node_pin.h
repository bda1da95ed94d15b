/* nbuf/detail/node_pin.h - keeps this addon's code mapped. Part of nbuf_node.h.
 * SPDX-License-Identifier: MIT
 *
 * An addon that only a worker loaded is unmapped when the worker ends, yet providers that
 * it made may be released later and elsewhere: their ops tables must stay. The shipped
 * gyp and CMake targets link with -Wl,-z,nodelete where the linker has it and then define
 * NBUF_IMAGE_PINNED; everywhere else nbuf_env_init pins the image with this. */
#ifndef NBUF_DETAIL_NODE_PIN_H
#define NBUF_DETAIL_NODE_PIN_H

#if defined(NBUF_IMAGE_PINNED)
/* The linker did it; naming dlopen here would raise the glibc that a binary needs. */
#elif defined(_WIN32)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#else
#include <dlfcn.h>
#include <stddef.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* `inside` is any address in this image. Failing is no error: an addon that is linked
 * into the executable cannot be pinned, and need not be. */
#if defined(NBUF_IMAGE_PINNED)
static inline void nbuf_node_pin_(const void* inside) { (void)inside; }
#elif defined(_WIN32)
static inline void nbuf_node_pin_(const void* inside) {
  HMODULE image;
  (void)GetModuleHandleExA(
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
      (LPCSTR)inside, &image);
}
#else
/* <dlfcn.h> shows dladdr only under _GNU_SOURCE, which a header cannot set any more: our
 * own declaration, bound to the symbol by its assembler name, works under every -std. */
typedef struct {
  const char* file;
  void* base;
  const char* symbol;
  void* address;
} nbuf_dl_info_;
#if defined(__APPLE__)
extern int nbuf_dladdr_(const void*, nbuf_dl_info_*) __asm__("_dladdr");
#else
extern int nbuf_dladdr_(const void*, nbuf_dl_info_*) __asm__("dladdr");
#endif

static inline void nbuf_node_pin_(const void* inside) {
  nbuf_dl_info_ info;
  void* image;
  if (nbuf_dladdr_(inside, &info) == 0 || info.file == NULL) return;
  image = dlopen(info.file, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  if (image != NULL) dlclose(image); /* the mark stays, the extra count need not */
}
#endif

#ifdef __cplusplus
}
#endif
#endif /* NBUF_DETAIL_NODE_PIN_H */
