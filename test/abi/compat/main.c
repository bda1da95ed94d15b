/* main.c - one exporter, one consumer, each old or new, and the canaries. */
#include "canary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define HIDE(p, size) __asan_poison_memory_region(p, size)
#define SHOW(p, size) __asan_unpoison_memory_region(p, size)
#else
#define HIDE(p, size) ((void)(p))
#define SHOW(p, size) ((void)(p))
#endif

enum { kHead = 16, kCanary = 64, kByte = 0xa5 };

int canary_failures;

void canary_check(int ok, const char* what) {
  if (!ok) fprintf(stderr, "failed: %s\n", what);
  canary_failures += !ok;
}

void* canary_new(size_t size) {
  unsigned char* p = calloc(1, kHead + size + kCanary);
  if (p == NULL) abort();
  memcpy(p, &size, sizeof size);
  memset(p + kHead + size, kByte, kCanary);
  HIDE(p + kHead + size, kCanary);
  return p + kHead;
}

void canary_delete(void* memory) {
  unsigned char* p = (unsigned char*)memory - kHead;
  size_t size, i;
  memcpy(&size, p, sizeof size);
  SHOW(p + kHead + size, kCanary);
  for (i = 0; i < kCanary; i++)
    if (p[kHead + size + i] != kByte) break;
  canary_check(i == kCanary, "nothing was written behind a struct");
  free(p);
}

int main(void) {
  struct nbuf_exporter* exporter = make_exporter();
  consume(exporter);
  delete_exporter(exporter);
  printf("%s\n", canary_failures == 0 ? "ok" : "FAILED");
  return canary_failures != 0;
}
