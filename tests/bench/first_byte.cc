// How long until a first job can be seen: the median time from the start of COMMAND to the first
// byte of its output, in milliseconds.
//
//   first_byte RUNS COMMAND [ARGUMENT...]     COMMAND reads one line, `item`
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

Milliseconds first_byte(char** command) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  check(::pipe(in.data()) == 0 ? 0 : errno, "pipe");
  check(::pipe(out.data()) == 0 ? 0 : errno, "pipe");
  check(::write(in[1], "item\n", 5) == 5 ? 0 : errno, "write");
  ::close(in[1]);

  posix_spawn_file_actions_t actions;
  check(::posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
  check(::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO), "adddup2");
  check(::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO), "adddup2");
  for (const int fd : {in[0], out[0], out[1]}) {
    check(::posix_spawn_file_actions_addclose(&actions, fd), "addclose");
  }

  const auto begin = std::chrono::steady_clock::now();
  pid_t pid = 0;
  check(::posix_spawnp(&pid, command[0], &actions, nullptr, command, environ), command[0]);
  ::close(out[1]);
  std::array<char, 4096> buffer{};
  const bool seen = ::read(out[0], buffer.data(), buffer.size()) > 0;
  const auto end = std::chrono::steady_clock::now();

  while (::read(out[0], buffer.data(), buffer.size()) > 0) {
  }
  ::close(out[0]);
  ::close(in[0]);
  ::posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0 || !seen) {
    throw std::runtime_error("the command failed or printed nothing");
  }
  return end - begin;
}

}  // namespace

int main(int argc, char** argv) try {
  const int runs = argc > 2 ? std::atoi(argv[1]) : 0;
  if (runs < 1) {
    std::cerr << "usage: first_byte RUNS COMMAND [ARGUMENT...]\n";
    return 64;
  }
  std::vector<Milliseconds> times;
  times.reserve(static_cast<std::size_t>(runs));
  for (int i = 0; i < runs; ++i) times.push_back(first_byte(argv + 2));
  const auto middle = times.begin() + runs / 2;
  std::nth_element(times.begin(), middle, times.end());
  std::cout << middle->count() << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << "first_byte: " << error.what() << '\n';
  return 70;
}
