// Sets the clock of one program wrong, while it runs. It is preloaded:
//
//   LD_PRELOAD   this
//   CLOCK_FILE   a file of 8 bytes, an int64 of this machine: so many seconds the clock is ahead;
//                it is looked at at each question for the time
//
// The monotonic clocks are left alone, as they are where someone sets a machine's clock.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const volatile std::int64_t* offset = nullptr;

[[gnu::constructor]] void begin() {
  const char* path = getenv("CLOCK_FILE");
  const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void* shared = mmap(nullptr, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
  if (shared != MAP_FAILED) offset = static_cast<const std::int64_t*>(shared);
  close(fd);
}

time_t ahead() {
  return offset == nullptr ? 0 : static_cast<time_t>(*offset);
}

}  // namespace

// The C library's own names for their parameters are not ours to use.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
// The system calls stand for the library's own: nothing has to be looked up.
extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    time->tv_sec += ahead();
  }
  return result;
}

int gettimeofday(timeval* __restrict time, void* __restrict zone) noexcept {
  const auto result = static_cast<int>(syscall(SYS_gettimeofday, time, zone));
  if (result == 0) time->tv_sec += ahead();
  return result;
}

time_t time(time_t* where) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (where != nullptr) *where = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
