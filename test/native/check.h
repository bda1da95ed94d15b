/* check.h - the whole test framework of the core-free native tests: C99 and C++17. */
#ifndef NBUF_TEST_CHECK_H
#define NBUF_TEST_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failures;

static inline int check_that(int ok, const char* text, const char* file, int line) {
  if (!ok) fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
  check_failures += !ok;
  return ok;
}
/* Variadic for the commas of templates. */
#define CHECK(...) check_that((__VA_ARGS__) != 0, #__VA_ARGS__, __FILE__, __LINE__)

static inline int check_text(const char* found, const char* part, const char* file,
                             int line) {
  if (strstr(found, part) != NULL) return 1;
  fprintf(stderr, "%s:%d: expected \"%s\" in \"%s\"\n", file, line, part, found);
  return check_failures++, 0;
}
#define CHECK_TEXT(found, part) check_text((found), (part), __FILE__, __LINE__)

/* The exit code of a test program. */
static inline int check_result(const char* name) {
  printf("%s: %s\n", name, check_failures == 0 ? "ok" : "FAILED");
  return check_failures != 0;
}

#endif /* NBUF_TEST_CHECK_H */
