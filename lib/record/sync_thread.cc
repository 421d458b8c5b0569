#include "lib/record/sync_thread.h"

#include <csignal>
#include <utility>

namespace gentlify {

SyncThread::SyncThread(std::function<int()> sync, Duration interval)
    : sync_(std::move(sync)), interval_(interval) {
  // Signals are for the loop.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

SyncThread::~SyncThread() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void SyncThread::touch() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(dirty_, true)) return;
  }
  changed_.notify_one();
}

void SyncThread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return dirty_ || ends_; });
    if (ends_) return;
    dirty_ = false;
    lock.unlock();
    const int error = sync_();
    lock.lock();
    if (error != 0) {
      error_ = error;
      return;
    }
    changed_.wait_for(lock, interval_, [this] { return ends_; });
  }
}

}  // namespace gentlify
