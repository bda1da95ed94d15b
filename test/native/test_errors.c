/* test_errors.c - statuses, error texts, labels, lock counters used by hand. */
#include "pointer_fixture.h"

static void statuses(void) {
  static const nbuf_status all[] = {
#define VALUE(name, value, code, text) NBUF_ERR_##name,
      NBUF_STATUS_LIST(VALUE)
#undef VALUE
  };
  size_t i;
  for (i = 0; i < sizeof all / sizeof all[0]; i++) {
    CHECK(all[i] == (nbuf_status)i + 1);
    CHECK(strncmp(nbuf_status_code(all[i]), "ERR_", 4) == 0);
    CHECK(strlen(nbuf_status_message(all[i])) > 5);
  }
  CHECK(strcmp(nbuf_status_code(NBUF_LOCKED), "ERR_NBUF_LOCKED") == 0);
  CHECK(strcmp(nbuf_status_code(NBUF_OK), "") == 0);
  CHECK(strcmp(nbuf_status_code(-1), "") == 0);
  CHECK(strcmp(nbuf_status_message(NBUF_OK), "ok") == 0);
  CHECK(strcmp(nbuf_status_message(99), "unknown status") == 0);
}

/* A caller's struct that is too short is not written to. */
static void error_structs(void) {
  nbuf_error error = no_error();
  CHECK(nbuf_fail(NULL, NBUF_ERR_IO, "%d", 1) == NBUF_ERR_IO);
  error.struct_size = (uint32_t)offsetof(nbuf_error, unmet) - 1;
  CHECK(nbuf_fail(&error, NBUF_ERR_IO, "%d", 1) == NBUF_ERR_IO);
  CHECK(error.status == NBUF_OK && error.message[0] == '\0');
  error.struct_size = (uint32_t)sizeof error + 100;
  CHECK(nbuf_fail(&error, NBUF_ERR_IO, "disk %d", 7) == NBUF_ERR_IO);
  CHECK(error.status == NBUF_ERR_IO && strcmp(error.message, "disk 7") == 0);
}

/* A text that is cut ends before the character that does not fit. */
static void long_texts_stay_utf8(void) {
  static const char* characters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  char text[400];
  nbuf_error error = no_error();
  int pad, width;
  for (width = 1; width <= 4; width++)
    for (pad = 0; pad < width; pad++) {
      size_t n = (size_t)pad;
      memset(text, '.', n);
      while (n < 300) {
        memcpy(text + n, characters[width - 1], (size_t)width);
        n += (size_t)width;
      }
      text[n] = '\0';
      nbuf_fail(&error, NBUF_ERR_IO, "%s", text);
      n = strlen(error.message);
      CHECK(n <= 247 && n + (size_t)width > 247);
      CHECK((n - (size_t)pad) % (size_t)width == 0);
      CHECK(memcmp(error.message, text, n) == 0);
    }
  memset(text, 0x80, 300); /* no UTF-8: cut anywhere, but cut */
  text[300] = '\0';
  nbuf_fail(&error, NBUF_ERR_IO, "%s", text);
  CHECK(strlen(error.message) == 247);
}

static void labels(void) {
  char label[80];
  memset(label, 'x', 79);
  label[79] = '\0';
  CHECK(nbuf_label_length_("") == 0 && nbuf_label_length_("abc") == 3);
  CHECK(nbuf_label_length_(label) == 63);
  label[63] = '\0';
  CHECK(nbuf_label_length_(label) == 63);
  memcpy(label + 61, "\xe2\x82\xac", 4);
  CHECK(nbuf_label_length_(label) == 61);
  memcpy(label + 60, "\xe2\x82\xac", 4);
  CHECK(nbuf_label_length_(label) == 63);
  memset(label, 0x80, 79); /* no UTF-8 */
  CHECK(nbuf_label_length_(label) == 0);
}

static int64_t fake_time;
static int64_t fake_now(void) { return fake_time; }

static nbuf_holder held(nbuf_locks* locks, nbuf_holder* holder, const char* label,
                        int snapshot) {
  memset(holder, 0, sizeof *holder);
  CHECK(nbuf_locks_take(locks, holder, label, snapshot, NULL) == NBUF_OK);
  return *holder;
}

static void ages_and_order(void) {
  nbuf_locks locks;
  nbuf_holder a, b, c;
  nbuf_error error = no_error();
  nbuf_locks_init(&locks);
  locks.now = fake_now;
  fake_time = 1000;
  held(&locks, &a, "first", 0);
  fake_time = 21000;
  held(&locks, &b, "second", 1);
  held(&locks, &c, "third", 0);
  fake_time = 21012;
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_MEMORY, "resized", &error) == NBUF_LOCKED);
  CHECK(strcmp(error.message,
               "the memory is locked by 3 providers ('first', 20 s; "
               "'second', 12 ms; 'third', 12 ms)") == 0);
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "resized", &error) == NBUF_LOCKED);
  CHECK(strcmp(error.message,
               "the layout is locked by 2 providers ('first', 20 s; "
               "'third', 12 ms)") == 0);
  nbuf_locks_drop(&locks, &a);
  nbuf_locks_drop(&locks, &a);
  fake_time = 0; /* a clock that was set back */
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "resized", &error) == NBUF_LOCKED);
  CHECK_TEXT(error.message, "('third', 0 ms)");
  nbuf_locks_drop(&locks, &c);
  nbuf_locks_drop(&locks, &b);
  CHECK(locks.memory == 0 && locks.layout == 0 && locks.first == NULL && !locks.last);
}

static void exclusive_state(void) {
  nbuf_locks locks;
  nbuf_holder holder;
  nbuf_error error = no_error();
  nbuf_locks_init(&locks);
  memset(&holder, 0, sizeof holder);
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_MEMORY | NBUF_LOCK_LAYOUT, "resized", NULL) ==
        NBUF_OK);
  CHECK(nbuf_locks_take(&locks, &holder, "x", 0, &error) == NBUF_LOCKED);
  CHECK_TEXT(error.message, "being resized");
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "y", &error) == NBUF_LOCKED);
  nbuf_locks_drop(&locks, &holder); /* nothing was taken */
  CHECK(locks.memory == 0 && locks.first == NULL);
  nbuf_locks_end(&locks);
  held(&locks, &holder, NULL, 0);
  CHECK(locks.memory == 1 && locks.layout == 1);
  nbuf_locks_drop(&locks, &holder);
}

/* However many there are, an error text looks at a bounded number of them. */
static void many_holders(void) {
  static nbuf_holder holders[3001];
  nbuf_locks locks;
  nbuf_error error = no_error();
  int i;
  nbuf_locks_init(&locks);
  for (i = 0; i < 3000; i++) held(&locks, &holders[i], i % 2 ? "snapshot" : NULL, i % 2);
  held(&locks, &holders[3000], "the one", 0);
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "resized", &error) == NBUF_LOCKED);
  CHECK(strcmp(error.message, "the layout is locked by 1501 providers (...)") == 0);
  for (i = 0; i < 2000; i++) nbuf_locks_drop(&locks, &holders[i]);
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "resized", &error) == NBUF_LOCKED);
  CHECK_TEXT(error.message, "by 501 providers ('the one', ");
  for (i = 2999; i >= 2000; i--) nbuf_locks_drop(&locks, &holders[i]);
  holders[3000].label = NULL; /* a holder may be given another name, or none */
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "resized", &error) == NBUF_LOCKED);
  CHECK(strcmp(error.message, "the layout is locked by 1 provider") == 0);
}

/* A holder without a label is counted; one that gets its label later is named. */
static void labelled_later(void) {
  nbuf_locks locks;
  nbuf_holder a, b;
  nbuf_error error = no_error();
  nbuf_locks_init(&locks);
  locks.now = fake_now;
  fake_time = 1000;
  held(&locks, &a, NULL, 0);
  held(&locks, &b, "b", 0);
  CHECK(locks.memory == 2 && locks.first == &b && locks.last == &b);
  fake_time = 3000;
  nbuf_locks_label(&locks, &a, "a");
  nbuf_locks_label(&locks, &b, "c");
  fake_time = 3001;
  CHECK(nbuf_locks_begin(&locks, NBUF_LOCK_LAYOUT, "resized", &error) == NBUF_LOCKED);
  CHECK_TEXT(error.message, "by 2 providers ('c', 1 ms; 'a', 1 ms)");
  nbuf_locks_drop(&locks, &b);
  nbuf_locks_drop(&locks, &a);
  CHECK(locks.memory == 0 && locks.layout == 0 && locks.first == NULL && !locks.last);
}

static nbuf_status refuse_endlessly(nbuf_exporter* exporter, const nbuf_request* request,
                                    nbuf_provider** out, nbuf_error* error) {
  (void)exporter;
  (void)request;
  *out = NULL;
  memset(error->message, 'x', sizeof error->message);
  error->unmet = error->grantable = 0x01010101;
  return error->status = NBUF_ERR_READONLY;
}
static void nothing(nbuf_exporter* exporter) { (void)exporter; }

/* A peer's message without its end gets one, before anybody reads it. */
static void endless_messages(void) {
  static const nbuf_exporter_ops ops = {(uint32_t)sizeof ops, 0, nothing, nothing,
                                        refuse_endlessly};
  nbuf_exporter exporter;
  nbuf_request request = {(uint32_t)sizeof request, NBUF_FULL, NULL};
  nbuf_error error = no_error();
  nbuf_provider* p;
  exporter.ops = &ops;
  CHECK(nbuf_acquire_checked_(&exporter, &request, &p, &error) == NBUF_ERR_READONLY);
  CHECK(memchr(error.message, 0, sizeof error.message) == error.message + 247);
  refuse_endlessly(&exporter, &request, &p, &error);
  nbuf_tell_(&error, NBUF_WRITABLE, NBUF_FULL_RO);
  CHECK(memchr(error.message, 0, sizeof error.message) != NULL);
}

int main(void) {
  statuses();
  endless_messages();
  error_structs();
  long_texts_stay_utf8();
  labels();
  ages_and_order();
  exclusive_state();
  many_holders();
  labelled_later();
  return check_result("errors");
}
