#include "cli/commands/ctl.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "cli/commands/ctl_fleet.h"
#include "cli/control_path.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/control_protocol.h"
#include "lib/engine/unix_socket.h"

namespace gentlify {

namespace {

/// A run answers at once; it may be stopped, or have to begin with others.
constexpr timeval patience{30, 0};
constexpr int refresh_ms = 1000;

/// Lines and tabs; nothing else in it may move the cursor, whoever answers.
std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\t"), text.size());
    out += escape(text.substr(0, end));
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

class Connection {
 public:
  explicit Connection(const std::string& path) : path_(path), fd_(connect_to(path)) {
    if (!fd_) {
      throw Error(
          errno == EACCES ? ExitCode::no_permission : ExitCode::no_input,
          fmt::format("no run listens at {} ({})", shell_quote(path), std::strerror(errno)));
    }
    const auto user = user_of(fd_.get());
    if (user != ::geteuid() && ::geteuid() != 0) {
      throw Error(ExitCode::no_permission,
                  fmt::format("the run at {} is another user's", shell_quote(path)));
    }
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  /// Nothing where the run has ended meanwhile. Throws Error with what the run says against it.
  std::optional<std::string> ask(const std::string& request) {
    const std::string line = request + '\n';
    // It may have answered already: that it will hear nothing.
    ::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL);
    std::string bytes;
    std::array<char, 65536> part{};
    for (;;) {
      const ssize_t n = ::recv(fd_.get(), part.data(), part.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) {
        throw Error(ExitCode::try_later,
                    fmt::format("the run at {} does not answer: is it stopped?", path_));
      }
      if (n <= 0) return {};
      bytes.append(part.data(), static_cast<std::size_t>(n));
      const control::Received received = control::receive(bytes);
      if (received.state == control::Received::State::partial) continue;
      if (received.state == control::Received::State::broken) {
        throw Error(ExitCode::bad_data, fmt::format("what listens at {} is no gentlify", path_));
      }
      if (received.answer.code != ExitCode::ok) {
        throw Error(received.answer.code, escape(received.answer.text));
      }
      return plain(received.answer.text);
    }
  }

 private:
  std::string path_;
  Fd fd_;
};

std::string must_ask(const std::string& path, const std::string& request) {
  const auto answer = Connection(path).ask(request);
  if (!answer) throw Error(ExitCode::no_input, "the run has ended");
  return *answer;
}

/// The one run that there is.
std::string find_run() {
  const std::vector<std::string> paths = listening_runs();
  if (paths.size() == 1) return paths.front();
  if (paths.empty()) {
    throw Error(ExitCode::no_input,
                "no run listens: one does on a terminal (in $XDG_RUNTIME_DIR), or with --control "
                "PATH, which gentlify ctl is to be given, too");
  }
  std::string list = "several runs listen: name one with --control";
  for (const std::string& path : paths) {
    std::string about = "it has ended";
    try {
      about = must_ask(path, "status");
    } catch (const Error& error) {
      about = error.what();
    }
    list += fmt::format("\n  {}: {}", shell_quote(path), about.substr(0, about.find('\n')));
  }
  throw Error(ExitCode::usage, list);
}

struct Screen {
  std::size_t rows = 24, columns = 80;

  Screen() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return;
    rows = size.ws_row;
    columns = size.ws_col;
  }
};

std::string padded(std::string_view text, std::size_t width) {
  std::string out = clip(text, width);
  const std::size_t used = columns(out);
  return out.append(width - std::min(used, width), ' ');
}

/// One job: its number, attempt, slot, milliseconds, last line and command.
std::string row(std::string_view line, std::size_t width) {
  const std::vector<std::string_view> part = split(line, "\t");
  if (part.size() != 6) return {};
  const auto ms = parse_number(part[3]).value_or(0);
  const std::string age = human(std::chrono::milliseconds(ms));
  std::string text = fmt::format("{:>8} {:>4} {:>5} {:>8}  ", part[0], part[1], part[2], age);
  const std::size_t room = width > text.size() + 12 ? width - text.size() : 12;
  const std::size_t command = part[4].empty() ? room : room / 2;
  text += padded(part[5], command);
  if (!part[4].empty()) text += "  " + std::string(part[4]);
  return clip(text, width);
}

/// How the run stands, and as many of its jobs as there are lines.
std::optional<std::string> table(Connection& run, const Screen& screen) {
  constexpr std::size_t head = 5;  // lines that are no jobs
  const std::size_t rows = screen.rows > head + 1 ? screen.rows - head : 1;
  const auto status = run.ask("status");
  const auto jobs = run.ask(fmt::format("jobs {}", rows));
  if (!status || !jobs) return {};
  std::string text;
  for (const std::string_view line : split(*status, "\n")) {
    if (!line.empty()) text += clip(line, screen.columns) + '\n';
  }
  text += clip("     JOB  TRY  SLOT      AGE  COMMAND, LAST LINE", screen.columns) + '\n';
  for (const std::string_view line : split(*jobs, "\n")) {
    if (!line.empty()) text += row(line, screen.columns) + '\n';
  }
  return text;
}

/// Draws the table anew each second, over what it drew before.
std::string top(const std::string& path) {
  Connection run(path);
  if (::isatty(STDOUT_FILENO) != 1) return table(run, {}).value_or("");
  std::fputs("\x1b[2J", stdout);
  for (;;) {
    const auto text = table(run, {});
    if (!text) return "the run has ended\n";
    std::string frame = "\x1b[H";
    for (const std::string_view line : split(*text, "\n")) {
      frame += std::string(line) + "\x1b[K\n";
    }
    // The last newline would scroll.
    while (frame.ends_with('\n')) frame.pop_back();
    frame += "\x1b[J\n";
    std::fputs(frame.c_str(), stdout);
    if (std::fflush(stdout) != 0) return {};
    ::poll(nullptr, 0, refresh_ms);
  }
}

/// Whether it is a fleet that is asked, and no run: where one is named in any way, its password
/// need not stand on a command line; --control goes before what is not a flag.
bool names_fleet(const Options& options, const Settings& settings) {
  bool control = false;
  bool fleet = false;
  for (const Options::Assignment& assignment : options.assignments) {
    const std::string name = toml_name(settings_table()[assignment.row]);
    control = control || name == "control";
    fleet = fleet || name == "fleet";
    if (name == "control" || name == "fleet") continue;
    throw Error(ExitCode::usage, fmt::format("{}: gentlify ctl takes --control, --fleet and --json",
                                             assignment.flag));
  }
  if (control && fleet) {
    throw Error(ExitCode::usage, "--control names a run, and --fleet all of them: give one");
  }
  return fleet || (!control && !settings.fleet.empty());
}

}  // namespace

std::string ctl(const Options& options, const Settings& settings) {
  const bool asks_fleet = names_fleet(options, settings);
  std::vector<std::string> words = options.command;
  if (words.empty()) {
    throw Error(ExitCode::usage,
                "ctl needs what to do, such as status: gentlify ctl --help tells (and gentlify -- "
                "ctl runs a program of that name)");
  }
  if (options.json && words.front() != "status") {
    throw Error(ExitCode::usage, "--json is for ctl status");
  }
  if (asks_fleet) return ctl_fleet(settings, words, options.json);
  if (options.json) words.emplace_back("json");
  const std::string request = fmt::format("{}", fmt::join(words, " "));
  if (request.size() + 1 >= control::longest_request) {
    throw Error(ExitCode::usage, "that is longer than any request can be");
  }
  const bool named = settings.control != "auto" && settings.control != "off";
  const std::string path = named ? settings.control : find_run();
  return words.front() == "top" ? top(path) : must_ask(path, request);
}

}  // namespace gentlify
