// Where released providers wait to serve the next acquire.
//
// They are still counted as if they lived, so that giving one away and taking it are one
// atomic operation each, without the owner's mutex. Whoever needs true counts empties the
// places first. Threads use places of their own, on a cache line each, so that they do
// not wait for each other; two may well share one.
#ifndef NBUF_CORE_SPARE_PLACES_H
#define NBUF_CORE_SPARE_PLACES_H

#include <atomic>

#include <nbuf/nbuf.h>

namespace nbuf::core {

struct Provider;

class SparePlaces {
 public:
  static constexpr unsigned kCount = 4;

  // What waits in this thread's place, which is then the caller's; or NULL.
  Provider* take() noexcept {
    std::atomic<Provider*>& place = mine();
    // Relaxed: only a hint; the exchange decides. It acquires what the last holder did,
    // and fails where somebody else was faster.
    Provider* spare = place.load(std::memory_order_relaxed);
    if (spare == nullptr || spare == closed()) return nullptr;
    return place.compare_exchange_strong(spare, nullptr, std::memory_order_acquire,
                                         std::memory_order_relaxed)
               ? spare
               : nullptr;
  }

  // False: the place is taken or closed. Else the provider is anybody's, and its host may
  // already be gone.
  bool leave(Provider* provider) noexcept {
    Provider* nobody = nullptr;
    // Release: whoever takes it sees all that its holder did. A failure takes nothing.
    return mine().compare_exchange_strong(nobody, provider, std::memory_order_release,
                                          std::memory_order_relaxed);
  }

  // How many wait. Relaxed: it may have changed by now anyway.
  unsigned count() noexcept {
    unsigned waiting = 0;
    for (const Place& each : places_) {
      const Provider* spare = each.provider.load(std::memory_order_relaxed);
      waiting += spare != nullptr && spare != closed() ? 1 : 0;
    }
    return waiting;
  }

  // Takes all out, for `visit`. Closed places stay empty for good.
  template <class Visit>
  void empty(bool for_good, Visit visit) noexcept {
    for (Place& each : places_) {
      Provider* spare = each.provider.load(std::memory_order_relaxed);  // as in take()
      while (spare != closed() && (spare != nullptr || for_good))
        if (each.provider.compare_exchange_weak(spare, for_good ? closed() : nullptr,
                                                std::memory_order_acquire,
                                                std::memory_order_relaxed))
          break;
      if (spare != nullptr && spare != closed()) visit(spare);
    }
  }

 private:
  struct Place {
    char apart[64];
    std::atomic<Provider*> provider{nullptr};
  };

  Provider* closed() noexcept { return reinterpret_cast<Provider*>(this); }
  std::atomic<Provider*>& mine() noexcept {
    return places_[nbuf_thread_place_(kCount)].provider;
  }

  Place places_[kCount];
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_SPARE_PLACES_H
