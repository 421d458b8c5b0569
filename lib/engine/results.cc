#include "lib/engine/results.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "lib/core/error.h"
#include "lib/core/text.h"

namespace gentlify {

namespace {

constexpr std::array<const char*, 2> names = {"stdout", "stderr"};
constexpr const char* meta_name = "meta.json";

[[noreturn]] void refuse(const std::string& path, std::string_view why) {
  throw Error(ExitCode::cannot_create, fmt::format("--results {}: {}", shell_quote(path), why));
}

std::string name_of(JobId job) {
  return std::to_string(number(job));
}

/// Returns errno where not all can be written.
int write_all(const Fd& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

bool is_empty(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) refuse(path, std::strerror(errno));
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return false;
  }
  return true;
}

}  // namespace

Results::Results(const std::string& path, bool all_attempts, bool goes_on)
    : goes_on_(goes_on), again_(all_attempts ? 0 : O_TRUNC) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) refuse(path, std::strerror(errno));
  if (!goes_on && !is_empty(path)) {
    refuse(path, "there is something in it already; name another directory, or empty it");
  }
  directory_.reset(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory_) refuse(path, std::strerror(errno));
  if (::faccessat(directory_.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    refuse(path, std::strerror(errno));
  }
}

/// An empty directory for the job. Returns errno where there is none to be had.
int Results::make_own(JobId job) const {
  if (::mkdirat(directory_.get(), name_of(job).c_str(), 0777) == 0) return 0;
  if (errno != EEXIST || !goes_on_) return errno;
  const Fd own = open_own(job);
  if (!own) return errno;
  for (const char* file : {names[0], names[1], meta_name}) {
    if (::unlinkat(own.get(), file, 0) != 0 && errno != ENOENT) return errno;
  }
  return 0;
}

Fd Results::open_own(JobId job) const {
  return Fd(::openat(directory_.get(), name_of(job).c_str(),
                     O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

int Results::open(JobId job, bool first, Files& files) const {
  if (const int error = first ? make_own(job) : 0; error != 0) return error;
  const int error = open_files(job, first ? O_CREAT | O_EXCL : again_, files);
  if (first && error != 0) discard(job);
  return error;
}

int Results::open_files(JobId job, int how, Files& files) const {
  const Fd own = open_own(job);
  if (!own) return errno;
  Files opened;
  for (std::size_t i = 0; i < names.size(); ++i) {
    opened[i].reset(
        ::openat(own.get(), names[i], how | O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!opened[i]) return errno;
  }
  files = std::move(opened);
  return 0;
}

void Results::discard(JobId job) const {
  const std::string name = name_of(job);
  for (const char* file : names) ::unlinkat(directory_.get(), (name + '/' + file).c_str(), 0);
  ::unlinkat(directory_.get(), name.c_str(), AT_REMOVEDIR);
}

int Results::write(Files& files, Stream stream, std::string_view bytes) {
  Fd& file = files[static_cast<std::size_t>(stream)];
  const int error = file ? write_all(file, bytes) : 0;
  if (error != 0) file.reset();
  return error;
}

int Results::write_meta(JobId job, std::string_view text) const {
  const Fd own = open_own(job);
  if (!own) return errno;
  const Fd file(
      ::openat(own.get(), meta_name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) return errno;
  const int error = write_all(file, text);
  if (error != 0) ::unlinkat(own.get(), meta_name, 0);
  return error;
}

}  // namespace gentlify
