/* canary.h - structs with nothing behind them: who touches a member that is not there is
 * seen. Writes change the canary. Reads see its bytes, which are no sensible value; and
 * under AddressSanitizer they end the program. */
#ifndef NBUF_TEST_CANARY_H
#define NBUF_TEST_CANARY_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory of this size, then the canary. */
void* canary_new(size_t size);
/* Checks the canary and frees the memory. */
void canary_delete(void* p);
/* Failures so far of either kind. */
extern int canary_failures;
void canary_check(int ok, const char* what);

/* Each program links one of each, old or new. */
struct nbuf_exporter;
struct nbuf_exporter* make_exporter(void);
/* Checks that all references were released, too. */
void delete_exporter(struct nbuf_exporter* exporter);
/* Uses it for everything it knows. */
void consume(struct nbuf_exporter* exporter);

#endif /* NBUF_TEST_CANARY_H */
