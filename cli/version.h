// The version, told by the build.
#pragma once

#include <string_view>

namespace gentlify {

inline constexpr std::string_view version_text = GENTLIFY_VERSION;

}  // namespace gentlify
