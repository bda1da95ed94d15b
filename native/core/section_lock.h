// The lock of bounded sections: a few dozen instructions that call nothing.
//
// Half the price of a pthread mutex where nobody else is there, which is nearly always.
// Whoever waits spins a little, then yields, then sleeps, so that a holder that lost its
// processor gets one, whatever the priorities.
#ifndef NBUF_CORE_SECTION_LOCK_H
#define NBUF_CORE_SECTION_LOCK_H

#include <atomic>
#include <chrono>
#include <thread>

namespace nbuf::core {

class SectionLock {
 public:
  void lock() noexcept {
    // Acquire: sees everything that the last holder wrote before its release in unlock().
    if (locked_.exchange(true, std::memory_order_acquire)) wait();
  }
  void unlock() noexcept { locked_.store(false, std::memory_order_release); }

 private:
  void wait() noexcept {
    for (int round = 0;; round++) {
      // Relaxed: only a hint when to try again; the exchange decides.
      if (!locked_.load(std::memory_order_relaxed) &&
          !locked_.exchange(true, std::memory_order_acquire))
        return;
      if (round > 256)
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      else if (round > 64)
        std::this_thread::yield();
    }
  }

  std::atomic<bool> locked_{false};
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_SECTION_LOCK_H
