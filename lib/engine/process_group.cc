#include "lib/engine/process_group.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace gentlify {

bool group_has_others(pid_t leader) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    const long pid = std::strtol(name.c_str(), nullptr, 10);
    if (pid <= 0 || pid == leader) continue;
    std::ifstream file(entry.path() / "stat");
    // "PID (NAME) STATE PPID PGRP …", and NAME may hold anything.
    const std::string stat(std::istreambuf_iterator<char>(file), {});
    const std::size_t paren = stat.rfind(')');
    if (paren == std::string::npos) continue;
    char state = 0;
    int parent = 0;
    int group = 0;
    if (std::sscanf(stat.c_str() + paren + 1, " %c %d %d", &state, &parent, &group) != 3) continue;
    if (group == leader && state != 'Z' && state != 'X') return true;
  }
  return false;
}

}  // namespace gentlify
