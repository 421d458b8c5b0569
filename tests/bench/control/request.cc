#include "tests/bench/control/request.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace gentlify::bench {

namespace {

[[noreturn]] void usage() {
  std::fputs(
      "control_bench [--seeds N] [--mode plain|codes|once|all] [--scenario NAME] [--controller "
      "NAME]\n"
      "              [--random N] [--first-seed S] [--least E] [--verbose] [--broken] [--speed]\n",
      stderr);
  std::exit(64);
}

}  // namespace

std::string_view name(Mode mode) {
  switch (mode) {
    case Mode::plain: return "plain exit codes";
    case Mode::codes: return "exit 75 and Retry-After";
    case Mode::once: return "plain exit codes, --retries 0 (the rivals keep theirs)";
  }
  return "";
}

bool chosen(std::string_view name, const std::vector<std::string>& parts) {
  return parts.empty() || std::any_of(parts.begin(), parts.end(), [name](const std::string& part) {
           return name.find(part) != std::string_view::npos;
         });
}

Request parse(int argc, char** argv) {
  Request request;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--verbose") {
      request.verbose = true;
      continue;
    }
    if (flag == "--broken") {
      request.broken = true;
      continue;
    }
    if (flag == "--speed") {
      request.speed = true;
      continue;
    }
    if (i + 1 == argc) usage();
    const std::string value = argv[++i];
    const std::uint64_t n = std::strtoull(value.c_str(), nullptr, 10);
    if (flag == "--seeds" && n > 0) {
      request.seeds = n;
    } else if (flag == "--random" && n > 0) {
      request.random = n;
    } else if (flag == "--first-seed") {
      request.first_seed = n;
    } else if (flag == "--least") {
      request.least = std::strtod(value.c_str(), nullptr);
    } else if (flag == "--scenario") {
      request.scenarios.push_back(value);
    } else if (flag == "--controller") {
      request.controllers.push_back(value);
    } else if (flag == "--mode" && value == "plain") {
      request.modes.push_back(Mode::plain);
    } else if (flag == "--mode" && value == "codes") {
      request.modes.push_back(Mode::codes);
    } else if (flag == "--mode" && value == "once") {
      request.modes.push_back(Mode::once);
    } else if (flag == "--mode" && value == "all") {
      request.modes = {Mode::plain, Mode::codes, Mode::once};
    } else {
      usage();
    }
  }
  if (request.modes.empty()) request.modes = {Mode::plain};
  return request;
}

}  // namespace gentlify::bench
