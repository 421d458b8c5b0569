// The settings of a Throttle, as `gentlify` reads them: the same names, values and defaults, in
// TOML and in the environment. `gentlify --print-config` prints them, `man gentlify` explains them.
//
//   ThrottleSettings().toml_file("calls.toml").environment().make()
//
// What is set later does not win by that: set() wins over the environment, that over the files, a
// later file over an earlier one, any of these over a preset, and that over the default.
//
// A file may serve gentlify too: settings that have to do with jobs, their input and their output
// are checked for their names and values, and have no effect. `circuit_breaker.on_open = "abort"`
// counts as `fail`. A limit that a throttle cannot keep is an error: load, memory_pressure, fleet.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/throttle/throttle.h"

namespace gentlify {

class ThrottleSettings {
 public:
  /// `name` is what errors call the text.
  ThrottleSettings& toml(std::string text, std::string name = "toml");
  ThrottleSettings& toml_file(std::string path);
  /// Variables such as GENTLIFY_MAX_CONCURRENCY, and the files that GENTLIFY_CONFIG names, parted
  /// by colons, before all others. With another prefix than GENTLIFY variables that are no settings
  /// are left alone.
  ThrottleSettings& environment(std::string prefix = "GENTLIFY");
  /// As in TOML: set("retry.base_delay", "2s").
  ThrottleSettings& set(std::string key, std::string value);

  /// A throttle of these settings, which are read now. Throws gentlify::Error with a sentence that
  /// names what is wrong, and where.
  Throttle make() const;

 private:
  struct File {
    std::string name;
    std::optional<std::string> text;  // none: it is to be read
  };

  std::vector<File> files_;
  std::optional<std::string> prefix_;
  std::vector<std::pair<std::string, std::string>> set_;
};

}  // namespace gentlify
