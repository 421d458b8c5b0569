// Every setting as a TOML file.
#pragma once

#include <string>

namespace gentlify {

/// example.toml: every setting at its default, with its help.
std::string example_config();

}  // namespace gentlify
