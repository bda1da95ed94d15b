// A thread that may fail to start: std::thread throws then, and the core has no
// exceptions.
#ifndef NBUF_CORE_THREAD_H
#define NBUF_CORE_THREAD_H

#if defined(_WIN32)
#include <process.h>
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace nbuf::core {

// Joined exactly once after a successful start, by its owner; has no destructor, so that
// a process can exit while it runs.
class Thread {
 public:
  // `run(context)` on a new thread; false where the system has none to give. The object
  // stays where it is until join() has returned.
  bool start(void (*run)(void*), void* context) {
    run_ = run;
    context_ = context;
#if defined(_WIN32)
    handle_ =
        reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, enter, this, 0, nullptr));
    return handle_ != nullptr;
#else
    return pthread_create(&handle_, nullptr, enter, this) == 0;
#endif
  }

  // Returns once `run` has; all that it did is then visible to the caller.
  void join() {
#if defined(_WIN32)
    WaitForSingleObject(handle_, INFINITE);
    CloseHandle(handle_);
#else
    pthread_join(handle_, nullptr);
#endif
  }

 private:
#if defined(_WIN32)
  static unsigned __stdcall enter(void* self) {
    static_cast<Thread*>(self)->run_(static_cast<Thread*>(self)->context_);
    return 0;
  }
  HANDLE handle_ = nullptr;
#else
  static void* enter(void* self) {
    static_cast<Thread*>(self)->run_(static_cast<Thread*>(self)->context_);
    return nullptr;
  }
  pthread_t handle_;
#endif
  void (*run_)(void*) = nullptr;
  void* context_ = nullptr;
};

}  // namespace nbuf::core

#endif  // NBUF_CORE_THREAD_H
