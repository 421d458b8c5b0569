// Lets a call on the journal fail, come short, or be the last one. It is preloaded:
//
//   LD_PRELOAD   this, and before it libasan.so, where the program is built with that
//   FAULT_FILE   the journal, as an absolute path; its directory, and files in it whose names begin
//                with the journal's, count as well
//   FAULT_CALLS  the calls that are counted, with commas between them; `any` are all
//   FAULT_AT     the number of the call; N+: that one and all that follow; N-M: from N to M
//   FAULT_DO     ERRNO    the call is not made and fails with that number
//                half     a write writes half, and says so; every call else is made as it is
//                full     half of the write N is written, the calls that follow fail with ENOSPC
//                kill     the process is killed before the call; kill_all: its parent, too
//                guardian its parent is killed, and the call is made
//                after    it is killed after the call; after_all: its parent, too
//                late     it is made half a second later
//                torn     it is killed when half of the write is written
//   FAULT_TRACE  a file for a line for each call: its name, pid, begin and length in nanoseconds,
//                bytes asked for, result
//   FAULT_MARK   a file for the line `!`, when the fault comes
//
// The calls of all processes of the program are counted together. Its jobs see nothing of this.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

namespace {

using std::string_view;

struct Text {
  char bytes[PATH_MAX] = "";
  string_view view() const { return bytes; }
};

// No constructors: calls come before those of other libraries are done, and after fork.
Text file, directory, calls, action, trace, mark;
long at = 0;
long last = 0;
pid_t first_process = 0;
std::atomic<long>* count = nullptr;

void take(const char* name, Text& text) {
  const char* value = getenv(name);
  if (value != nullptr) snprintf(text.bytes, sizeof text.bytes, "%s", value);
  unsetenv(name);
}

[[gnu::constructor]] void begin() {
  Text number;
  take("FAULT_FILE", file);
  take("FAULT_CALLS", calls);
  take("FAULT_AT", number);
  take("FAULT_DO", action);
  take("FAULT_TRACE", trace);
  take("FAULT_MARK", mark);
  unsetenv("LD_PRELOAD");
  char* rest = nullptr;
  at = strtol(number.bytes, &rest, 10);
  last = *rest == '+' ? LONG_MAX : *rest == '-' ? strtol(rest + 1, nullptr, 10) : at;
  directory = file;
  if (file.view().empty()) return;
  if (char* slash = strrchr(directory.bytes, '/')) *slash = '\0';
  first_process = getpid();
  void* shared =
      mmap(nullptr, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared != MAP_FAILED) count = new (shared) std::atomic<long>(0);
}

bool is_ours(string_view path) {
  return count != nullptr && (path.starts_with(file.view()) || path == directory.view());
}
bool is_ours(int fd) {
  if (count == nullptr || fd < 0) return false;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path);
  return length > 0 && is_ours(string_view(path, static_cast<std::size_t>(length)));
}
bool is_ours(int at_fd, const char* path) {
  const string_view name = path;
  if (name.starts_with('/')) return is_ours(name);
  if (at_fd != AT_FDCWD) return !name.empty() && is_ours(at_fd);
  char whole[2 * PATH_MAX] = "";
  if (syscall(SYS_getcwd, whole, PATH_MAX) < 0) return false;
  if (name != ".") snprintf(whole + strlen(whole), PATH_MAX, "/%s", path);
  return is_ours(string_view(whole));
}

bool is_counted(string_view call) {
  if (calls.view() == "any") return call != "pthread_create";
  for (string_view rest = calls.view(); !rest.empty();) {
    const std::size_t comma = rest.find(',');
    if (rest.substr(0, comma) == call) return true;
    rest = comma == string_view::npos ? "" : rest.substr(comma + 1);
  }
  return false;
}

void append(const Text& where, const char* line) {
  if (where.view().empty()) return;
  const long fd =
      syscall(SYS_openat, AT_FDCWD, where.bytes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  syscall(SYS_write, fd, line, strlen(line));
  syscall(SYS_close, fd);
}

[[noreturn]] void end(bool all) {
  if (all) syscall(SYS_kill, first_process, SIGKILL);
  for (;;) syscall(SYS_kill, getpid(), SIGKILL);
}

long long now() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

/// Makes the call `real`, or what is to happen instead. `half` makes a half of it, if it has one.
template <class Real, class Half>
long act(const char* name, std::size_t size, Real real, Half half) {
  const int number = is_counted(name) ? static_cast<int>(count->fetch_add(1) + 1) : 0;
  const bool due = number > 0 && at <= number && number <= last;
  const string_view what = due ? action.view() : "";
  const long long start = now();
  if (due && number == at) append(mark, "!\n");
  if (what == "kill" || what == "kill_all") end(what == "kill_all");
  if (what == "late") usleep(500'000);
  if (what == "guardian") syscall(SYS_kill, first_process, SIGKILL);
  long result = -1;
  if (const long error = strtol(action.bytes, nullptr, 10); due && error > 0) {
    errno = static_cast<int>(error);
  } else if (what == "full" && number > at) {
    errno = ENOSPC;
  } else if ((what == "half" || what == "full" || what == "torn") && size > 1) {
    result = half();
    if (what == "torn") end(false);
  } else {
    result = real();
  }
  if (what == "after" || what == "after_all") end(what == "after_all");
  if (!trace.view().empty()) {
    const int error = errno;
    char line[200];
    snprintf(line, sizeof line, "%s %ld %lld %lld %zu %ld\n", name, syscall(SYS_getpid), start,
             now() - start, size, result);
    append(trace, line);
    errno = error;
  }
  return result;
}
template <class Real>
long act(const char* name, Real real) {
  return act(name, 0, real, real);
}

long open_at(int at_fd, const char* path, int flags, mode_t mode) {
  const auto real = [&] { return syscall(SYS_openat, at_fd, path, flags, mode); };
  return is_ours(at_fd, path) ? act("open", real) : real();
}
mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// The calls themselves. What the C library does by itself, it does not do through these.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,performance-no-int-to-ptr)
extern "C" {

#define OPEN(name)                                                 \
  int name(const char* path, int flags, ...) {                     \
    va_list arguments;                                             \
    va_start(arguments, flags);                                    \
    const mode_t mode = mode_of(flags, arguments);                 \
    va_end(arguments);                                             \
    return static_cast<int>(open_at(AT_FDCWD, path, flags, mode)); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                            \
  int name(int at_fd, const char* path, int flags, ...) {       \
    va_list arguments;                                          \
    va_start(arguments, flags);                                 \
    const mode_t mode = mode_of(flags, arguments);              \
    va_end(arguments);                                          \
    return static_cast<int>(open_at(at_fd, path, flags, mode)); \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t read(int fd, void* to, size_t size) {
  const auto real = [&] { return syscall(SYS_read, fd, to, size); };
  return is_ours(fd) ? act("read", size, real, [&] { return syscall(SYS_read, fd, to, size / 2); })
                     : real();
}
#define PREAD(name)                                                             \
  ssize_t name(int fd, void* to, size_t size, off_t from) {                     \
    const auto real = [&] { return syscall(SYS_pread64, fd, to, size, from); }; \
    return is_ours(fd) ? act("read", real) : real();                            \
  }
PREAD(pread)
PREAD(pread64)

ssize_t write(int fd, const void* from, size_t size) {
  const auto real = [&] { return syscall(SYS_write, fd, from, size); };
  return is_ours(fd)
             ? act("write", size, real, [&] { return syscall(SYS_write, fd, from, size / 2); })
             : real();
}
#define PWRITE(name)                                                             \
  ssize_t name(int fd, const void* from, size_t size, off_t to) {                \
    const auto real = [&] { return syscall(SYS_pwrite64, fd, from, size, to); }; \
    return is_ours(fd) ? act("write", real) : real();                            \
  }
PWRITE(pwrite)
PWRITE(pwrite64)
ssize_t writev(int fd, const iovec* parts, int many) {
  const auto real = [&] { return syscall(SYS_writev, fd, parts, many); };
  return is_ours(fd) ? act("write", real) : real();
}

#define ONE_FD(name)                                                  \
  int name(int fd) {                                                  \
    const auto real = [&] { return syscall(SYS_##name, fd); };        \
    return static_cast<int>(is_ours(fd) ? act(#name, real) : real()); \
  }
ONE_FD(fdatasync)
ONE_FD(fsync)

#define TRUNCATE(name)                                                      \
  int name(int fd, off_t size) noexcept {                                   \
    const auto real = [&] { return syscall(SYS_ftruncate, fd, size); };     \
    return static_cast<int>(is_ours(fd) ? act("ftruncate", real) : real()); \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SEEK(name)                                                        \
  off_t name(int fd, off_t to, int whence) noexcept {                     \
    const auto real = [&] { return syscall(SYS_lseek, fd, to, whence); }; \
    return is_ours(fd) ? act("lseek", real) : real();                     \
  }
SEEK(lseek)
SEEK(lseek64)

int flock(int fd, int operation) noexcept {
  const auto real = [&] { return syscall(SYS_flock, fd, operation); };
  return static_cast<int>(is_ours(fd) ? act("flock", real) : real());
}

#define STAT(name, buffer)                                                                \
  int name(int fd, struct buffer* to) noexcept {                                          \
    const auto real = [&] { return syscall(SYS_newfstatat, fd, "", to, AT_EMPTY_PATH); }; \
    return static_cast<int>(is_ours(fd) ? act("fstat", real) : real());                   \
  }
STAT(fstat, stat)
STAT(fstat64, stat64)

#define STAT_AT(name, buffer)                                                          \
  int name(int at_fd, const char* path, struct buffer* to, int flags) noexcept {       \
    const auto real = [&] { return syscall(SYS_newfstatat, at_fd, path, to, flags); }; \
    return static_cast<int>(is_ours(at_fd, path) ? act("fstatat", real) : real());     \
  }
STAT_AT(fstatat, stat)
STAT_AT(fstatat64, stat64)

#define STAT_PATH(name, buffer, flags)                                                    \
  int name(const char* path, struct buffer* to) noexcept {                                \
    const auto real = [&] { return syscall(SYS_newfstatat, AT_FDCWD, path, to, flags); }; \
    return static_cast<int>(is_ours(AT_FDCWD, path) ? act("fstatat", real) : real());     \
  }
STAT_PATH(stat, stat, 0)
STAT_PATH(stat64, stat64, 0)
STAT_PATH(lstat, stat, AT_SYMLINK_NOFOLLOW)
STAT_PATH(lstat64, stat64, AT_SYMLINK_NOFOLLOW)

#define FCNTL(name)                                                              \
  int name(int fd, int command, ...) {                                           \
    va_list arguments;                                                           \
    va_start(arguments, command);                                                \
    void* argument = va_arg(arguments, void*);                                   \
    va_end(arguments);                                                           \
    const auto real = [&] { return syscall(SYS_fcntl, fd, command, argument); }; \
    return static_cast<int>(is_ours(fd) ? act("fcntl", real) : real());          \
  }
FCNTL(fcntl)
FCNTL(fcntl64)

int rename(const char* from, const char* to) noexcept {
  const auto real = [&] { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); };
  return static_cast<int>(is_ours(AT_FDCWD, to) ? act("rename", real) : real());
}
int renameat(int from_fd, const char* from, int to_fd, const char* to) noexcept {
  const auto real = [&] { return syscall(SYS_renameat2, from_fd, from, to_fd, to, 0); };
  return static_cast<int>(is_ours(to_fd, to) ? act("rename", real) : real());
}
int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) noexcept {
  const auto real = [&] { return syscall(SYS_renameat2, from_fd, from, to_fd, to, flags); };
  return static_cast<int>(is_ours(to_fd, to) ? act("rename", real) : real());
}
int link(const char* from, const char* to) noexcept {
  const auto real = [&] { return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); };
  return static_cast<int>(is_ours(AT_FDCWD, to) ? act("link", real) : real());
}
int linkat(int from_fd, const char* from, int to_fd, const char* to, int flags) noexcept {
  const auto real = [&] { return syscall(SYS_linkat, from_fd, from, to_fd, to, flags); };
  return static_cast<int>(is_ours(to_fd, to) ? act("link", real) : real());
}
int unlink(const char* path) noexcept {
  const auto real = [&] { return syscall(SYS_unlinkat, AT_FDCWD, path, 0); };
  return static_cast<int>(is_ours(AT_FDCWD, path) ? act("unlink", real) : real());
}
int unlinkat(int at_fd, const char* path, int flags) noexcept {
  const auto real = [&] { return syscall(SYS_unlinkat, at_fd, path, flags); };
  return static_cast<int>(is_ours(at_fd, path) ? act("unlink", real) : real());
}
// Counted whatever it is for.
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* with) noexcept {
  const auto next = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  const auto real = [&] { return next(thread, attributes, run, with); };
  if (count == nullptr || !is_counted("pthread_create")) return real();
  const long result = act("pthread_create", real);
  return result < 0 ? errno : static_cast<int>(result);
}
#define MMAP(name)                                                                                 \
  void* name(void* where, size_t size, int protection, int flags, int fd, off_t from) noexcept {   \
    const auto real = [&] { return syscall(SYS_mmap, where, size, protection, flags, fd, from); }; \
    return reinterpret_cast<void*>(is_ours(fd) ? act("mmap", real) : real());                      \
  }
MMAP(mmap)
MMAP(mmap64)
ssize_t sendfile(int to, int from, off_t* at_byte, size_t size) noexcept {
  const auto real = [&] { return syscall(SYS_sendfile, to, from, at_byte, size); };
  return is_ours(to) ? act("write", real) : real();
}
ssize_t copy_file_range(int from, off64_t* from_byte, int to, off64_t* to_byte, size_t size,
                        unsigned flags) {
  const auto real = [&] {
    return syscall(SYS_copy_file_range, from, from_byte, to, to_byte, size, flags);
  };
  return is_ours(to) ? act("write", real) : real();
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name,performance-no-int-to-ptr)
