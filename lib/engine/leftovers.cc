#include "lib/engine/leftovers.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <array>
#include <charconv>
#include <csignal>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/engine/fd.h"
#include "lib/engine/guardian.h"

namespace gentlify {

namespace {

constexpr Duration look_each = std::chrono::milliseconds(500);

/// What `pid` was started with, NUL after each variable; empty where we may not read it.
std::string environment_of(pid_t pid) {
  const Fd file(
      ::open(("/proc/" + std::to_string(pid) + "/environ").c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(1, '\0');
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; file && (n = ::read(file.get(), buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

/// The last one counts, as for a shell: a job's own come after what it inherits.
std::string_view value_of(std::string_view environment, std::string_view name) {
  const std::string start = std::string(1, '\0') + std::string(name) + '=';
  const std::size_t at = environment.rfind(start);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = environment.substr(at + start.size());
  return rest.substr(0, rest.find('\0'));
}

/// The job that `pid` belongs to, where its environment tells of one in this run.
JobId job_of(pid_t pid, std::string_view run) {
  const std::string environment = environment_of(pid);
  if (value_of(environment, "GENTLIFY_RUN") != run) return JobId{};
  const std::string_view text = value_of(environment, "GENTLIFY_SEQ");
  std::uint64_t seq = 0;
  std::from_chars(text.data(), text.data() + text.size(), seq);
  return JobId{seq};
}

/// The job of `pid` is over.
bool outlived(pid_t pid, JobId job, const Leftovers::Jobs& jobs) {
  const pid_t group = ::getpgid(pid);
  if (group > 0 && jobs.has_pid(group)) return false;
  return job != JobId{} && !jobs.has_job(job);
}

}  // namespace

void Leftovers::look_later(TimePoint now) {
  if (next_ == never) next_ = later(now, look_each);
}

void Leftovers::sweep(const Jobs& jobs, TimePoint now) {
  const std::optional<std::vector<pid_t>> found = children();
  if (!found) {
    next_ = later(now, look_each);
    return;
  }
  std::unordered_map<pid_t, Known> still;
  for (const pid_t pid : *found) {
    if (jobs.has_pid(pid)) continue;
    // Nobody else waits for it.
    if (::waitpid(pid, nullptr, WNOHANG) == pid) continue;
    const auto before = known_.find(pid);
    Known known = before != known_.end() ? before->second : Known{job_of(pid, run_)};
    if (end_ && outlived(pid, known.job, jobs)) {
      if (known.ended == never && known.seen) {
        known.ended = now;
        ::kill(pid, SIGTERM);
        ::kill(pid, SIGCONT);
      } else if (known.ended != never && now - known.ended >= leftover_grace) {
        ::kill(pid, SIGKILL);
      }
      known.seen = true;
    }
    still.emplace(pid, known);
  }
  known_ = std::move(still);
  next_ = known_.empty() ? never : later(now, look_each);
}

}  // namespace gentlify
