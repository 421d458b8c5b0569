#include "cli/control_path.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lib/core/error.h"
#include "lib/core/text.h"
#include "lib/engine/unix_socket.h"

namespace gentlify {

std::string control_directory() {
  const char* base = std::getenv("XDG_RUNTIME_DIR");
  if (base == nullptr || *base != '/') return {};
  return std::string(base) + "/gentlify";
}

std::string default_control_path(pid_t pid) {
  const std::string directory = control_directory();
  const auto refuse = [&](std::string_view why) {
    throw Error(ExitCode::cannot_create,
                fmt::format("no socket for gentlify ctl: {}: {}", shell_quote(directory), why));
  };
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) refuse(std::strerror(errno));
  struct stat file {};
  if (::lstat(directory.c_str(), &file) != 0) refuse(std::strerror(errno));
  if (!S_ISDIR(file.st_mode) || file.st_uid != ::geteuid() || (file.st_mode & 077) != 0) {
    refuse("must be a directory of yours that nobody else may enter (chmod 700)");
  }
  return fmt::format("{}/{}.sock", directory, pid);
}

std::vector<std::string> listening_runs() {
  std::vector<std::string> paths;
  const std::string directory = control_directory();
  if (directory.empty()) return paths;
  const SocketDirectoryLock lock(directory);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".sock")) continue;
    if (connect_to(path)) {
      paths.push_back(path);
    } else if (errno == ECONNREFUSED) {
      ::unlink(path.c_str());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace gentlify
