// Syncs in the background.
#include "lib/record/sync_thread.h"

#include <cerrno>
#include <csignal>
#include <semaphore>

#include "tests/unit/catch.h"

using namespace gentlify;
using namespace std::chrono_literals;

TEST_CASE("what was touched is synced, without a wait where none was of late") {
  std::counting_semaphore<> synced(0);
  SyncThread thread(
      [&] {
        synced.release();
        return 0;
      },
      1h);
  thread.touch();
  synced.acquire();
  CHECK(thread.error() == 0);
  // The end does not wait for the interval.
}

TEST_CASE("what is touched while a sync goes on is synced once more") {
  std::counting_semaphore<> begun(0);
  std::counting_semaphore<> may_end(0);
  SyncThread thread(
      [&] {
        begun.release();
        may_end.acquire();
        return 0;
      },
      1ms);
  thread.touch();
  for (int i = 0; i < 10; ++i) {
    begun.acquire();
    thread.touch();
    may_end.release();
  }
  begun.acquire();
  may_end.release();
}

TEST_CASE("what is touched many times within the interval is synced once") {
  std::counting_semaphore<> synced(0);
  int count = 0;
  {
    SyncThread thread(
        [&] {
          ++count;
          synced.release();
          return 0;
        },
        1h);
    thread.touch();
    synced.acquire();
    for (int i = 0; i < 100; ++i) thread.touch();
  }
  CHECK(count == 1);
}

TEST_CASE("what was not touched is not synced") {
  int count = 0;
  {
    const SyncThread thread([&] { return ++count; }, 1ms);
  }
  CHECK(count == 0);
}

TEST_CASE("after an error nothing is synced any more, and it stays to be seen") {
  int count = 0;
  SyncThread thread(
      [&] {
        ++count;
        return EIO;
      },
      Duration(0));
  thread.touch();
  while (thread.error() == 0) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) {
    thread.touch();
    std::this_thread::yield();
  }
  CHECK(thread.error() == EIO);
  CHECK(count == 1);
}

TEST_CASE("the thread takes no signals, and leaves those of its maker as they were") {
  std::counting_semaphore<> synced(0);
  sigset_t before;
  sigset_t after;
  sigset_t inside;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  SyncThread thread(
      [&] {
        ::pthread_sigmask(SIG_SETMASK, nullptr, &inside);
        synced.release();
        return 0;
      },
      1h);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  thread.touch();
  synced.acquire();
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD, SIGHUP, SIGUSR1}) {
    CHECK(::sigismember(&inside, signal) == 1);
    CHECK(::sigismember(&after, signal) == ::sigismember(&before, signal));
  }
}
