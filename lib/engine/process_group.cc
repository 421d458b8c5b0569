#include "lib/engine/process_group.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "lib/engine/fd.h"

namespace gentlify {

namespace {

/// The group of a process that runs; 0 for one that has ended, or vanishes while we look; -1 where
/// no descriptor is left to look with.
pid_t living_group(const std::filesystem::path& process) {
  const Fd file(::open((process / "stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -1 : 0;
  std::array<char, 1024> buffer{};
  const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
  if (n <= 0) return 0;
  // "PID (NAME) STATE PPID PGRP …", and NAME may hold anything.
  const std::string_view stat(buffer.data(), static_cast<std::size_t>(n));
  const std::size_t paren = stat.rfind(')');
  if (paren == std::string_view::npos) return 0;
  char state = 0;
  int parent = 0;
  int group = 0;
  const std::string rest(stat.substr(paren + 1));
  if (std::sscanf(rest.c_str(), " %c %d %d", &state, &parent, &group) != 3) return 0;
  return state == 'Z' || state == 'X' ? 0 : group;
}

}  // namespace

std::optional<std::unordered_set<pid_t>> busy_groups() {
  std::unordered_set<pid_t> groups;
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc", error);
  if (error) return {};
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    const long pid = std::strtol(name.c_str(), nullptr, 10);
    if (pid <= 0) continue;
    const pid_t group = living_group(entry->path());
    if (group < 0) return {};
    if (group > 0 && group != pid) groups.insert(group);
  }
  return groups;
}

}  // namespace gentlify
