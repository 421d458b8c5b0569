// Finding the program that a command names, as execvp does, but before any child is made.
#pragma once

#include <fcntl.h>

#include <string>

namespace gentlify {

struct Program {
  std::string path;  ///< to be executed; empty where `error` is set
  int error = 0;     ///< ENOENT: not found. EACCES: found, but not executable
};

/// `name` with a slash is taken as it is; else it is looked for along $PATH. What is relative is so
/// to `directory`; AT_FDCWD: to ours.
Program find_program(const std::string& name, int directory = AT_FDCWD);

}  // namespace gentlify
