#include "lib/engine/oom.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <utility>

namespace gentlify {

namespace {

constexpr Duration look_each = std::chrono::seconds(1);

/// The number after "oom_kill " at the head of a line; nothing where there is none.
std::optional<std::uint64_t> kills_in(const std::string& path) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t count = 0;
  while (file >> name >> count) {
    if (name == "oom_kill") return count;
  }
  return {};
}

}  // namespace

void offer_to_oom_killer() {
  constexpr int more = 200;
  constexpr int most = 1000;
  constexpr const char* path = "/proc/self/oom_score_adj";
  int score = 0;
  if (std::ifstream(path) >> score) std::ofstream(path) << std::min(score + more, most);
}

OomKills::OomKills(std::string cgroup, std::string machine)
    : file_(std::move(cgroup)), known_(kills_in(file_)) {
  if (known_) return;
  file_ = std::move(machine);
  known_ = kills_in(file_);
}

/// The line "0::PATH" names the one of version 2, as seen from the root of our namespace.
std::string OomKills::own_memory_events() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) return "/sys/fs/cgroup" + line.substr(3) + "/memory.events";
  }
  return {};
}

void OomKills::judge(Outcome& outcome, JobId job, bool alone, TimePoint now) {
  const Exit& exit = outcome.exit;
  if (exit.kind != Exit::Kind::signal || exit.value != SIGKILL) return forget_old(now);
  if (!rose()) return;
  const bool again = !killed_.insert(job).second;
  outcome.reason = "out of memory";
  if (alone) outcome.reason += ", with no other job running";
  if (again && !alone) outcome.reason += " again";
  if (outcome.verdict == Verdict::permanent) return;
  outcome.verdict = again || alone ? Verdict::permanent : Verdict::overload;
}

/// A kill that a job died of is told of at once: what was counted before the last look was others'.
void OomKills::forget_old(TimePoint now) {
  if (now < next_look_ || !known_) return;
  next_look_ = later(now, look_each);
  known_ = std::max(*known_, recent_);
  recent_ = kills_in(file_).value_or(recent_);
}

/// Each kill is one job's: two jobs may have been killed before we are told of the first.
bool OomKills::rose() {
  const auto count = kills_in(file_);
  if (!count || !known_ || *count <= *known_) return false;
  ++*known_;
  return true;
}

}  // namespace gentlify
