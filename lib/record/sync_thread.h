// Brings a file's data to the disk in the background: within an interval after it was touched, and
// no more often than that. The one thread that gentlify has.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "lib/core/time.h"

namespace gentlify {

class SyncThread {
 public:
  /// `sync` returns 0 or an errno; after an error it is not called again.
  SyncThread(std::function<int()> sync, Duration interval);
  /// Ends the thread; what was touched last may not be on the disk.
  ~SyncThread();
  SyncThread(const SyncThread&) = delete;
  SyncThread& operator=(const SyncThread&) = delete;

  /// Something was written.
  void touch();
  /// The errno with which a sync has failed; 0: none did.
  int error() const { return error_; }

 private:
  void run();

  std::function<int()> sync_;
  Duration interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool dirty_ = false;
  bool ends_ = false;
  std::atomic<int> error_{0};
  std::thread thread_;
};

}  // namespace gentlify
