#include "lib/engine/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace gentlify {

namespace {

/// 0 where `path`, relative to `directory`, is a file that we may execute, else ENOENT or EACCES.
int check(const std::string& path, int directory) {
  struct stat status {};
  if (::fstatat(directory, path.c_str(), &status, 0) != 0) return errno == EACCES ? EACCES : ENOENT;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return ::faccessat(directory, path.c_str(), X_OK, 0) == 0 ? 0 : EACCES;
}

}  // namespace

Program find_program(const std::string& name, int directory) {
  if (name.empty()) return {{}, ENOENT};
  if (name.find('/') != std::string::npos) {
    const int error = check(name, directory);
    return error == 0 ? Program{name, 0} : Program{{}, error};
  }
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/bin:/usr/bin";
  int error = ENOENT;
  for (bool more = true; more;) {
    const std::size_t colon = rest.find(':');
    const std::string_view entry = rest.substr(0, colon);
    more = colon != std::string_view::npos;
    if (more) rest.remove_prefix(colon + 1);
    const std::string path = std::string(entry.empty() ? "." : entry) + "/" + name;
    const int problem = check(path, directory);
    if (problem == 0) return {path, 0};
    if (problem == EACCES) error = EACCES;
  }
  return {{}, error};
}

}  // namespace gentlify
