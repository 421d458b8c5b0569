// The Lua scripts of this directory, as strings in the program.
#pragma once

#include <string_view>

namespace gentlify::fleet {

struct Script {
  std::string_view text;
  std::string_view sha1;  ///< as EVALSHA wants it, 40 hex digits
};

/// limiters.lua alone, which does nothing by itself.
extern const Script limiters_script;
/// limiters.lua and sync.lua.
extern const Script sync_script;
extern const Script range_script;   ///< range.lua
extern const Script stream_script;  ///< stream.lua
extern const Script push_script;    ///< push.lua
/// For a person.
extern const Script steer_script;

}  // namespace gentlify::fleet
