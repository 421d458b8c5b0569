# Puts the public headers below OUT, under the names that users of the library include them by:
# <gentlify/throttle.h>, <gentlify/control/scheduler.h>.
#
#   cmake -DSOURCE=the tree -DOUT=a directory -DHEADERS=a;b -P headers.cmake
foreach(header IN LISTS HEADERS)
  file(READ ${SOURCE}/${header} text)
  set(name gentlify/${header})
  foreach(room lib/throttle/ cli/ lib/)
    string(REPLACE "#include \"${room}" "#include \"gentlify/" text "${text}")
    string(REGEX REPLACE "^gentlify/${room}" "gentlify/" name "${name}")
  endforeach()
  file(WRITE ${OUT}/${name} "${text}")
endforeach()
