#include "cli/throttle_settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

#include "cli/control_settings.h"
#include "cli/layers.h"
#include "cli/limit_check.h"
#include "cli/names.h"
#include "lib/core/error.h"

namespace gentlify {

namespace {

/// A limit that is not kept must not look as if it were.
class Kept : Refusals {
 public:
  using Refusals::Refusals;

  void run() const {
    const std::string_view cannot = "cannot be kept by a throttle: a run of gentlify can";
    if (s_.load > 0) refuse("load", cannot);
    if (s_.memory_pressure > 0) refuse("memory_pressure", cannot);
    if (!s_.fleet.empty()) refuse("fleet", cannot);
  }
};

}  // namespace

ThrottleSettings& ThrottleSettings::toml(std::string text, std::string name) {
  files_.push_back({std::move(name), std::move(text)});
  return *this;
}

ThrottleSettings& ThrottleSettings::toml_file(std::string path) {
  files_.push_back({std::move(path), {}});
  return *this;
}

ThrottleSettings& ThrottleSettings::environment(std::string prefix) {
  prefix_ = std::move(prefix);
  return *this;
}

ThrottleSettings& ThrottleSettings::set(std::string key, std::string value) {
  set_.emplace_back(std::move(key), std::move(value));
  return *this;
}

Throttle ThrottleSettings::make() const {
  Layers layers;
  if (prefix_) {
    layers.environment = environ;
    layers.prefix = *prefix_;
    layers.files = named_files(environ, *prefix_);
  }
  for (const File& file : files_) {
    layers.files.push_back(file.text ? parse_config(*file.text, file.name)
                                     : read_config_file(file.name));
  }
  for (const auto& [key, value] : set_) {
    const auto row = find_setting(key);
    if (!row) {
      throw Error(ExitCode::usage, fmt::format("{}: there is no such setting", shown(key)));
    }
    layers.flags.push_back({*row, value, key});
  }
  Config config = merge_layers(layers);
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  check_limits(config, cores);
  Kept(config, cores).run();
  Settings& settings = config.settings;
  // A call is tried once; whether it is made again is its caller's affair.
  settings.retry_max_attempts = 1;
  settings.retry_overload = 0;
  if (settings.circuit_breaker_on_open == "abort") settings.circuit_breaker_on_open = "fail";
  return Throttle(make_controller(settings, cores, std::random_device{}()), settings.cost);
}

}  // namespace gentlify
