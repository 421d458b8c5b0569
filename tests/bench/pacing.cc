// How exactly starts keep to a rate.
//
//   pacing stamp                 writes the time of its start to stdout; it is the job
//   pacing bare RATE STARTS      the least that can be: a timer with absolute deadlines, and RATE
//                                starts of `pacing stamp` a second; ends when it has started all
//   pacing errors RATE <TIMES    prints the drift in percent, and the median, the 99th percentile
//                                and the largest distance from the schedule in µs
#include <spawn.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * second + t.tv_nsec;
}

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

void stamp() {
  const std::string line = std::to_string(now()) + '\n';
  check(::write(STDOUT_FILENO, line.data(), line.size()) > 0, "write");
}

void reap() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

void bare(double rate, int starts) {
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  check(timer >= 0, "timerfd_create");
  std::string self = "/proc/self/exe";
  std::string mode = "stamp";
  const std::array<char*, 3> argv = {self.data(), mode.data(), nullptr};
  const std::int64_t begin = now();
  for (int i = 0; i < starts; ++i) {
    const std::int64_t at = begin + std::llround(i / rate * static_cast<double>(second));
    const itimerspec when{{}, {at / second, at % second}};
    check(::timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr) == 0, "timerfd_settime");
    std::uint64_t times = 0;
    check(::read(timer, &times, sizeof times) == sizeof times, "read");
    pid_t pid = -1;
    errno = ::posix_spawn(&pid, self.c_str(), nullptr, nullptr, argv.data(), environ);
    check(errno == 0, "posix_spawn");
    reap();
  }
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
}

void errors(double rate) {
  std::vector<double> times;
  for (std::int64_t t = 0; std::cin >> t;) times.push_back(static_cast<double>(t));
  if (times.size() < 2) throw std::runtime_error("too few times");
  std::sort(times.begin(), times.end());
  const double period = static_cast<double>(second) / rate;
  const double ideal = period * static_cast<double>(times.size() - 1);
  const double drift = (times.back() - times.front()) / ideal - 1;
  for (std::size_t i = 0; i < times.size(); ++i) times[i] -= period * static_cast<double>(i);
  std::vector<double> sorted = times;
  std::sort(sorted.begin(), sorted.end());
  const double schedule = sorted[sorted.size() / 2];
  for (double& t : times) t = std::abs(t - schedule) / 1000;
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t percent) { return times[(times.size() - 1) * percent / 100]; };
  std::cout << drift * 100 << ' ' << at(50) << ' ' << at(99) << ' ' << times.back() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "stamp") {
    stamp();
  } else if (mode == "bare" && argc == 4) {
    bare(std::atof(argv[2]), std::atoi(argv[3]));
  } else if (mode == "errors" && argc == 3) {
    errors(std::atof(argv[2]));
  } else {
    std::cerr << "pacing: stamp, bare RATE STARTS or errors RATE\n";
    return 64;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "pacing: " << error.what() << '\n';
  return 1;
}
