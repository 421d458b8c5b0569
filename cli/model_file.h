// A TOML file as a modelled service: see gentlify-simulate(1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/control/simulation/model.h"

namespace gentlify {

struct ModelFile {
  sim::Model model;
  std::optional<std::uint64_t> jobs;  ///< how many, where the file says it
};

/// Throws Error(bad_config) naming file, line and column where the file cannot be read, is not
/// TOML, or describes no service.
ModelFile read_model_file(const std::string& path);

/// The same of a file's text.
ModelFile parse_model(const std::string& text, const std::string& path);

}  // namespace gentlify
