# Writes OUT: the scripts PARTS (paths, joined) as the variable NAME_script, with the names of
# FIELDS (a path) as numbers. For cmake -P.
cmake_minimum_required(VERSION 3.25)
set(text "")
foreach(part ${PARTS})
  file(READ ${part} one)
  string(APPEND text "${one}")
endforeach()

# A table's fields may stand in several lines.
file(STRINGS ${FIELDS} lines REGEX "^[a-zA-Z]")
foreach(line ${lines})
  string(REGEX MATCH "^([a-zA-Z]+)(\\(.*\\))?: (.*)$" line "${line}")
  set(table ${CMAKE_MATCH_1})
  string(REPLACE " " ";" fields "${CMAKE_MATCH_3}")
  string(REGEX REPLACE "[() ]+" ";" names "${table}${CMAKE_MATCH_2}")
  list(REMOVE_ITEM names "")
  list(APPEND tables ${table})
  set(names_of_${table} ${names})
  list(APPEND fields_of_${table} ${fields})
endforeach()
list(REMOVE_DUPLICATES tables)

# What is nested goes first: S.slot_queue.round is S.slot_queue[2] before it is S[19][2].
list(REVERSE tables)
foreach(table ${tables})
  list(JOIN names_of_${table} "|" names)
  set(number 0)
  foreach(field ${fields_of_${table}})
    math(EXPR number "${number} + 1")
    # What ends one may begin the next.
    foreach(time first second)
      string(REGEX REPLACE "(^|[^a-zA-Z_])(${names})\\.${field}([^a-zA-Z_])" "\\1\\2[${number}]\\3"
        text "${text}")
    endforeach()
  endforeach()
  string(REGEX REPLACE "fields_of_${table}([^a-zA-Z_])" "${number}\\1" text "${text}")
  if(text MATCHES "(^|[^a-zA-Z_])((${names})\\.[a-z_]+)")
    message(FATAL_ERROR "${PARTS}: there is no ${CMAKE_MATCH_2} in ${FIELDS}")
  endif()
endforeach()
string(SHA1 sum "${text}")

file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT [[
#include "lib/fleet/scripts.h"

namespace gentlify::fleet {

const Script @NAME@_script = {R"LUA(@text@)LUA", "@sum@"};

}  // namespace gentlify::fleet
]])
