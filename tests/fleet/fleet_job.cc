// A job that can be held to account: it says when it began, that it is still there, and when it
// ended, by CLOCK_MONOTONIC in nanoseconds, which is one for all processes of a machine.
//
//   FLEET_JOB_LOG=FILE fleet_job NUMBER:MILLISECONDS:KIND
//
// It appends one line to FILE before it does anything else, and stamps its last field again each
// 5 ms: that is the latest moment at which it is known to have run, should it be killed.
//
//   S <begin> <pid> <item> <seen>
//   E <end> <pid> <item> <exit status>
//
// KIND: `ok` ends well; `once` fails the first time, and `busy` says the first time that the
// service is overloaded (75); `bad` fails for good (64). What has been tried is noted by a file
// beside FILE. Linked static: it is started by the hundred.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

namespace {

constexpr int digits = 19;  // of a time, so that it can be written over
constexpr std::int64_t stamp_each = 5'000'000;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(70);
}

std::int64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

void sleep_until(std::int64_t time) {
  const timespec until{time / 1'000'000'000, time % 1'000'000'000};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

/// The file of the host's jobs.
class Log {
 public:
  explicit Log(const char* path)
      : append_(::open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)),
        // Where a file is open for appending, nothing can be written elsewhere.
        stamp_(::open(path, O_WRONLY | O_CLOEXEC)) {
    if (append_ < 0 || stamp_ < 0) die(path);
  }

  void begin(std::int64_t at, const char* item) {
    char line[256];
    const int length = std::snprintf(line, sizeof line, "S %0*lld %d %s %0*lld\n", digits,
                                     static_cast<long long>(at), ::getpid(), item, digits,
                                     static_cast<long long>(at));
    write(line, length);
    // The end of what was just appended, by whomever else the file grows.
    place_ = ::lseek(append_, 0, SEEK_CUR) - digits - 1;
  }

  void stamp(std::int64_t at) const {
    char text[digits + 1];
    std::snprintf(text, sizeof text, "%0*lld", digits, static_cast<long long>(at));
    if (::pwrite(stamp_, text, digits, place_) != digits) die("stamp");
  }

  void end(std::int64_t at, const char* item, int status) const {
    char line[256];
    write(line, std::snprintf(line, sizeof line, "E %0*lld %d %s %d\n", digits,
                              static_cast<long long>(at), ::getpid(), item, status));
  }

 private:
  void write(const char* line, int length) const {
    if (::write(append_, line, static_cast<size_t>(length)) != length) die("write");
  }

  int append_;
  int stamp_;
  off_t place_ = 0;
};

/// False from the second time on.
bool is_first_try(std::string path, std::string_view number) {
  path.resize(path.rfind('/') + 1);
  path += "tried.";
  path += number;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno != EEXIST) die(path.c_str());
  return fd >= 0;
}

int status_of(std::string_view kind, const char* path, std::string_view number) {
  if (kind == "ok") return 0;
  if (kind == "bad") return 64;
  const bool first = is_first_try(path, number);
  if (kind == "once") return first ? 1 : 0;
  return first ? 75 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t begin = now();
  const char* path = std::getenv("FLEET_JOB_LOG");
  if (argc != 2 || path == nullptr) {
    std::fputs("usage: FLEET_JOB_LOG=FILE fleet_job NUMBER:MILLISECONDS:KIND\n", stderr);
    return 64;
  }
  Log log(path);
  log.begin(begin, argv[1]);

  const std::string_view item = argv[1];
  const size_t colon = item.find(':');
  const size_t second = item.find(':', colon + 1);
  if (colon == std::string_view::npos || second == std::string_view::npos) return 65;
  const std::int64_t until = begin + std::atoll(argv[1] + colon + 1) * 1'000'000;
  for (std::int64_t next = begin + stamp_each; next < until; next += stamp_each) {
    sleep_until(next);
    log.stamp(now());
  }
  sleep_until(until);
  const int status = status_of(item.substr(second + 1), path, item.substr(0, colon));
  log.end(now(), argv[1], status);
  return status;
}
