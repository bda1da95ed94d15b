/* Statistics of a provider's elements; knows nothing of JavaScript. */
#ifndef STATS_COMPUTE_H
#define STATS_COMPUTE_H

#include <nbuf/nbuf.h>

#define STATS_MAX_CHANNELS 1024
#define STATS_MAX_BINS 65536

typedef struct {
  double min, max, mean; /* NaN without elements */
  int64_t* histogram;    /* bins of them, inside the result's one allocation */
} stats_channel;

typedef struct {
  int32_t channels, bins;
  stats_channel* channel; /* free() it; the histograms go with it */
} stats_result;

/* Needs a provider with format, shape and strides, and without indirection. On failure
 * there is nothing to free. Any thread. */
nbuf_status stats_compute(const nbuf_provider* provider, int32_t bins,
                          stats_result* result, nbuf_error* error);

#endif
