// A copy cut into chunks that any threads may run.
#ifndef NBUF_CORE_COPY_JOB_H
#define NBUF_CORE_COPY_JOB_H

#include "copy_pair.h"

namespace nbuf::core {

// Use: prepare(); every chunk once, in any order and on any threads, except that all
// chunks before barrier() have ended (and whoever runs later ones has synchronized with
// those that ran them) before the others begin; finish(). Chunks may be left out: then
// some elements of dst keep what they had. The memory and the pointer tables of both
// sides stay valid in between; shape, strides and levels are copied. What the copy leaves
// in dst does not depend on threads or order.
class CopyJob {
 public:
  CopyJob() = default;
  CopyJob(const CopyJob&) = delete;
  CopyJob& operator=(const CopyJob&) = delete;
  ~CopyJob() { finish(); }

  // Large enough that the start of a chunk costs nothing beside it, small enough that
  // progress and cancellation are smooth: about a millisecond.
  static constexpr int64_t kChunk = int64_t{2} << 20;

  // Decides everything and gets all memory; arguments and errors as copy_elements. Once.
  Status prepare(int32_t ndim, const int64_t* shape, int64_t itemsize, const Side& dst,
                 const Side& src, const CopyOptions& options, Error* error,
                 int64_t chunk_bytes = kChunk);

  int64_t chunk_count() const { return phases_[0].count + phases_[1].count; }
  // 0 unless a temporary is needed: chunks before this one pack into it.
  int64_t barrier() const { return phases_[0].count; }
  // What a chunk moves. All chunks: the size of the copy, twice when through a temporary.
  int64_t bytes_of(int64_t chunk) const;
  // Ends early, with a part of the chunk, where that is long and *stop becomes true.
  void run(int64_t chunk, const std::atomic<bool>* stop = nullptr) const;
  // Frees the temporary. No chunk may be running.
  void finish();

 private:
  // Boxes of a pair: single steps along the first axes of `order`, `step` elements along
  // the next, and all of the rest.
  struct Phase {
    int64_t count = 0;
    const CopyPair* pair = nullptr;
    bool is_in_order = false;  // then one chunk
    int32_t cut = -1;          // how many axes are cut; -1: one chunk
    int64_t step = 1, parts = 1;
    int32_t order[NBUF_MAX_NDIM];

    void prepare(const CopyPair& of, bool in_order, int64_t chunk_bytes);
    Box box(int64_t chunk) const;
  };
  const Phase& phase_of(int64_t* chunk) const;

  Phase phases_[2];  // into the temporary, to dst
  CopyPair pair_;
  Detour detour_;
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_COPY_JOB_H
