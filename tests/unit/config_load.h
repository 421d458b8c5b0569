// Loads settings as main does, from flags, variables and files of a test's own.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

#include "cli/config.h"
#include "cli/config_file.h"
#include "cli/names.h"
#include "cli/values.h"
#include "lib/core/error.h"
#include "tests/unit/catch.h"

namespace gentlify::test {

using Words = std::vector<std::string>;

/// A file of its own for each test, gone with it.
class File {
 public:
  explicit File(std::string_view text) {
    const int fd = ::mkstemp(path_);
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(fd);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::remove(path_); }

  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/gentlify-test-XXXXXX";
};

inline std::vector<const char*> pointers(const Words& words) {
  std::vector<const char*> out;
  for (const std::string& word : words) out.push_back(word.c_str());
  return out;
}

inline Options parse(const Words& flags) {
  Words words = {"gentlify"};
  words.insert(words.end(), flags.begin(), flags.end());
  return parse_options(static_cast<int>(words.size()), pointers(words).data());
}

/// The settings in effect on a machine of four cores.
inline Config load(const Words& flags, const Words& environment = {}) {
  auto variables = pointers(environment);
  variables.push_back(nullptr);
  return load_config(parse(flags), variables.data(), 4);
}

struct Refusal {
  ExitCode code = ExitCode::ok;
  std::string sentence;
  bool operator==(const Refusal&) const = default;
};
inline std::ostream& operator<<(std::ostream& out, const Refusal& r) {
  return out << static_cast<int>(r.code) << ' ' << r.sentence;
}

inline Refusal refusal(const Words& flags, const Words& environment = {}) {
  try {
    load(flags, environment);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

/// The sentence with which a file "c.toml" of this text is refused.
inline std::string file_refusal(const std::string& text) {
  try {
    parse_config(text, "c.toml");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::bad_config);
    return error.what();
  }
  return "accepted";
}

inline std::string origin(const Config& config, std::string_view name) {
  return config.origins[*find_setting(name)].place;
}

inline Words inherited(const Words& flags, const Words& environment) {
  const Options options = parse(flags);
  auto variables = pointers(environment);
  variables.push_back(nullptr);
  const Config config = load_config(options, variables.data(), 4);
  return job_environment(options, config.settings, variables.data());
}

inline std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace gentlify::test
