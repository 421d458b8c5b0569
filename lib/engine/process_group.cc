#include "lib/engine/process_group.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "lib/engine/fd.h"

namespace gentlify {

namespace {

/// The process runs and is in `group`. One that vanishes while we look does not run.
bool runs_in(const std::filesystem::path& process, pid_t group) {
  const Fd file(::open((process / "stat").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> buffer{};
  const ssize_t n = file ? ::read(file.get(), buffer.data(), buffer.size()) : -1;
  if (n <= 0) return false;
  // "PID (NAME) STATE PPID PGRP …", and NAME may hold anything.
  const std::string_view stat(buffer.data(), static_cast<std::size_t>(n));
  const std::size_t paren = stat.rfind(')');
  if (paren == std::string_view::npos) return false;
  char state = 0;
  int parent = 0;
  int pgrp = 0;
  const std::string rest(stat.substr(paren + 1));
  if (std::sscanf(rest.c_str(), " %c %d %d", &state, &parent, &pgrp) != 3) return false;
  return pgrp == group && state != 'Z' && state != 'X';
}

}  // namespace

bool group_has_others(pid_t leader) {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    const long pid = std::strtol(name.c_str(), nullptr, 10);
    if (pid > 0 && pid != leader && runs_in(entry->path(), leader)) return true;
  }
  return false;
}

}  // namespace gentlify
