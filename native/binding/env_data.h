// Per-environment state: tables that JavaScript indexes, blocks, work that needs this
// thread.
//
// JavaScript holds Externals and passes small integers: an index costs a fraction of what
// reading an External does. Each table entry is owned by its External's finalizer.
#ifndef NBUF_BINDING_ENV_DATA_H
#define NBUF_BINDING_ENV_DATA_H

#include <node_api.h>

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/host_array.h"
#include "core/provider.h"
#include "core/view_exporter.h"

namespace nbuf::binding {

struct EnvData;
struct Block;
struct BufferHold;
struct AsyncCopy;

// Pointers by small index; indices of removed entries serve again.
template <typename T>
class Table {
 public:
  uint32_t add(T* item) {
    if (free_.empty()) {
      items_.push_back(item);
      return static_cast<uint32_t>(items_.size() - 1);
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    items_[index] = item;
    return index;
  }
  void remove(uint32_t index) {
    items_[index] = nullptr;
    free_.push_back(index);
  }
  T* at(int64_t index) const {
    return index >= 0 && static_cast<uint64_t>(index) < items_.size()
               ? items_[static_cast<size_t>(index)]
               : nullptr;
  }
  const std::vector<T*>& items() const { return items_; }

 private:
  std::vector<T*> items_;
  std::vector<uint32_t> free_;
};

// What one JavaScript Provider stands for; empty between a release and the next acquire.
struct Slot {
  EnvData* env;  // counted
  core::Provider* provider = nullptr;
  Block* block = nullptr;
  Slot *prev = nullptr, *next = nullptr;  // in block->users
  core::Lease* lease = nullptr;           // made when a view of it is first exported
  napi_ref js_memory = nullptr;           // JavaScript's own buffer behind it
  bool is_part = false;                   // of an indirect provider, for its own use
  bool is_copy = false;                   // a packed copy, as lib/ says
  uint32_t index = 0;
};

// What one JavaScript HostArray (or MappedFile) stands for.
struct ArrayRecord {
  EnvData* env;  // counted
  core::HostArray* array;
  Block* block = nullptr;  // the last one acquired, pinned, to save the look-up
  uint32_t index = 0;
  int64_t reported = 0;  // bytes that the garbage collector was told of
};

// Something to be done on the environment's thread: a napi_ref to delete, a callback to
// queue, a block to tidy up.
struct Deferred {
  napi_ref ref = nullptr, callback = nullptr;
  uint64_t block = 0;
};

struct EnvData {
  EnvData() = default;
  EnvData(const EnvData&) = delete;
  ~EnvData();
  std::atomic<long> refs{1};
  napi_env env;
  bool is_worker = false;
  bool is_node = false;
  bool ended = false;    // the cleanup hook ran
  bool exiting = false;  // JavaScript's 'exit' event was seen
  Table<Slot> slots;
  Table<ArrayRecord> arrays;
  Table<AsyncCopy> copies;                           // that have not ended; theirs
  std::unordered_multimap<uint64_t, Block*> blocks;  // by key; see find_block
  nbuf_error error = NBUF_ERROR_INIT;
  double* scratch = nullptr;  // layouts passed by JavaScript; kept alive by scratch_ref
  int32_t* words = nullptr;   // arguments of the fastest calls; in the same buffer
  napi_ref scratch_ref = nullptr;
  napi_ref transfer = nullptr;         // ArrayBuffer.prototype.transfer, if any
  napi_ref queue_microtask = nullptr;  // the function
  int64_t waiting = 0;  // bytes that only an ArrayBuffer's collection frees
  int64_t waiting_limit = int64_t{1} << 30;
  int64_t max_buffer = INT64_MAX;    // bytes that one ArrayBuffer can wrap
  std::atomic<int64_t> returned{0};  // of those, freed but not yet subtracted
  std::atomic<int64_t> unowned{0};   // bytes of collected arrays, still reported
  std::mutex holds_mutex;            // of the list of exposed buffers; finalizers use it
  BufferHold* holds = nullptr;
  std::atomic<bool> has_deferred{false};
  std::mutex deferred_mutex;  // deferred comes from any thread
  std::vector<Deferred> deferred;
};

inline void retain(EnvData* env) {
  env->refs.fetch_add(1, std::memory_order_relaxed);  // the caller has a reference
}
inline void release(EnvData* env) {
  // Acquire-release: the deleting thread sees every other's last use.
  if (env->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) delete env;
}

// From any thread; calls no Node-API.
void defer(EnvData* env, Deferred what);

// Lets go of the JavaScript buffers whose providers were released.
void drop_js_memory(EnvData* env);

// On the environment's thread, at the edges of calls: deletes references, queues
// callbacks, settles the account of waiting bytes. Queueing runs user code where there
// are async hooks: read the scratch array and the words before, look slots up afterwards.
void drain_now(EnvData* env);
inline void drain(EnvData* env) {
  // Relaxed: a stale "no" only postpones the work to the next call.
  if (env->has_deferred.load(std::memory_order_relaxed) ||
      env->returned.load(std::memory_order_relaxed) != 0)
    drain_now(env);
}

// A failure leaves its details in env->error; JavaScript gets -status and builds the
// Error.
napi_value failed(EnvData* env, nbuf_status status);

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_ENV_DATA_H
