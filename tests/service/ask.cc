// A job of the tests: asks the service of tests/service/service.cc for what it is told.
//
//   ask [--codes] [--report] SOCKET JOB
//
// Exits 0 when JOB was served, else 1; with --codes a refusal is 75, and with --report the time
// that came with it is passed on as a report. It is started by the hundred: linked static, and
// without what it does not need.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(70);
}

int connect_to(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    die(path);
  }
  std::memcpy(address.sun_path, path, length);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die(path);
  return fd;
}

/// The service's answer to the question about `job`; empty where it went away.
std::string_view ask(int fd, const char* job, char (&buffer)[100]) {
  const int length = std::snprintf(buffer, sizeof buffer, "%s\n", job);
  if (::write(fd, buffer, static_cast<size_t>(length)) != length) die("write");
  size_t got = 0;
  while (got < sizeof buffer - 1) {
    const ssize_t n = ::read(fd, buffer + got, sizeof buffer - 1 - got);
    if (n <= 0) break;
    got += static_cast<size_t>(n);
  }
  return {buffer, got};
}

void report(std::string_view retry_after) {
  const char* fd = std::getenv("GENTLIFY_REPORT_FD");
  if (fd == nullptr) die("GENTLIFY_REPORT_FD");
  ::dprintf(std::atoi(fd), "retry-after %.*s", static_cast<int>(retry_after.size()),
            retry_after.data());
}

}  // namespace

int main(int argc, char** argv) {
  bool codes = false;
  bool reports = false;
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; ++i) {
    codes = codes || std::string_view(argv[i]) == "--codes";
    reports = reports || std::string_view(argv[i]) == "--report";
  }
  if (argc - i != 2) {
    std::fputs("usage: ask [--codes] [--report] SOCKET JOB\n", stderr);
    return 64;
  }
  char buffer[100];
  const std::string_view answer = ask(connect_to(argv[i]), argv[i + 1], buffer);
  constexpr std::string_view refused = "refused";
  if (answer.substr(0, refused.size()) != refused) return answer == "served\n" ? 0 : 1;
  if (reports && answer.size() > refused.size() + 1) report(answer.substr(refused.size() + 1));
  return codes ? 75 : 1;
}
