// What the scoreboard is asked for on its command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gentlify::bench {

/// How jobs end that the service refuses.
enum class Mode {
  plain,  ///< as any other failure
  codes,  ///< as overload, with the time to wait
  once,   ///< plain, and --retries 0
};

std::string_view name(Mode mode);

struct Request {
  std::uint64_t seeds = 10;
  std::vector<Mode> modes;
  std::vector<std::string> scenarios, controllers;
  std::uint64_t random = 0;
  std::uint64_t first_seed = 1;
  double least = 0;  ///< efficiency, the first contestant's mean over all modes
  bool broken = false;
  bool speed = false;
  bool verbose = false;
};

/// A part of `name` is among `parts`, or `parts` is empty.
bool chosen(std::string_view name, const std::vector<std::string>& parts);

/// Ends the program where the command line is wrong.
Request parse(int argc, char** argv);

}  // namespace gentlify::bench
