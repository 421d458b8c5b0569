# The Debian package of the program, `cpack --config build/release/CPackConfig.cmake`, or of the
# portable build, an archive that runs where it is unpacked.
#
# The same bytes for the same sources: files have the time of SOURCE_DATE_EPOCH, and where that is
# not set, of the newest entry of CHANGELOG.md.
set(debian ${CMAKE_CURRENT_BINARY_DIR}/debian)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS CHANGELOG.md LICENSE)
file(STRINGS CHANGELOG.md newest REGEX "^## ")
list(GET newest 0 newest)
if(NOT newest MATCHES "^## ([0-9.]+), ([0-9-]+)$" OR NOT CMAKE_MATCH_1 STREQUAL PROJECT_VERSION)
  message(FATAL_ERROR "CHANGELOG.md begins with `${newest}`; it should be `## ${PROJECT_VERSION}, DATE`")
endif()
execute_process(COMMAND date --utc --date=${CMAKE_MATCH_2} +%s
  OUTPUT_VARIABLE released OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND date --utc --date=@${released} --rfc-email
  OUTPUT_VARIABLE released_text OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

set(maintainer "gentlify maintainers <maintainers@gentlify.invalid>")
file(CONFIGURE OUTPUT ${debian}/changelog @ONLY CONTENT
"gentlify (@PROJECT_VERSION@) unstable; urgency=medium

  * What is new stands in CHANGELOG.md.

 -- @maintainer@  @released_text@
")
file(CONFIGURE OUTPUT ${debian}/copyright @ONLY CONTENT
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: gentlify

Files: *
Copyright: 2026 the gentlify maintainers
License: Apache-2.0
 On Debian systems the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
Comment:
 The page of gentlify report holds uPlot, whose licence (MIT) is in the page.
")
add_custom_command(OUTPUT ${debian}/changelog.gz
  COMMAND gzip -9nkf ${debian}/changelog DEPENDS ${debian}/changelog VERBATIM)
add_custom_target(debian_files ALL DEPENDS ${debian}/changelog.gz)
install(FILES ${debian}/changelog.gz ${debian}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
if(GENTLIFY_PORTABLE)
  set(CPACK_GENERATOR TGZ)
  set(CPACK_PACKAGE_FILE_NAME gentlify-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
endif()
set(CPACK_PACKAGE_NAME gentlify)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "run jobs as fast as the service behind them allows")
set(CPACK_PACKAGE_DESCRIPTION
  "gentlify reads jobs from standard input or a file, as xargs and parallel do,
and runs each as a process. It finds out how many at once and how many a
second the service behind them takes, backs off where it is overloaded,
retries, keeps rate limits, shows progress, and drains on SIGTERM.")
if(NOT GENTLIFY_PORTABLE)
  set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
endif()
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${maintainer})
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
file(CONFIGURE OUTPUT ${debian}/stage.cmake @ONLY CONTENT [[
# Manual pages are compressed, and all files have one time.
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_DIRECTORY}/*.1)
foreach(page ${pages})
  execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
set(epoch @released@)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(epoch $ENV{SOURCE_DATE_EPOCH})
endif()
set(ENV{SOURCE_DATE_EPOCH} ${epoch})
execute_process(COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -exec touch --no-dereference --date=@${epoch} {} +
  COMMAND_ERROR_IS_FATAL ANY)
]])
set(CPACK_PRE_BUILD_SCRIPTS ${debian}/stage.cmake)
include(CPack)
