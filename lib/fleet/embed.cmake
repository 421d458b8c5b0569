# Writes OUT: the scripts PARTS (paths, joined) as the variable NAME_script. For cmake -P.
set(text "")
foreach(part ${PARTS})
  file(READ ${part} one)
  string(APPEND text "${one}")
endforeach()
string(SHA1 sum "${text}")

file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[
#include "lib/fleet/scripts.h"

namespace gentlify::fleet {

const Script @NAME@_script = {R"LUA(@text@)LUA", "@sum@"};

}  // namespace gentlify::fleet
]])
