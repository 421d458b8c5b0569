# Puts the page of a report together, as C++ that holds it:
#   cmake -DNPM=FILE -DSOURCE=DIR -DWORK=DIR -DOUT=FILE.cc -P build.cmake
# Without npm, or where it cannot fetch the library, the page is empty, and `gentlify report` says so.
set(page "")
file(MAKE_DIRECTORY ${WORK})
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${WORK})
if(NPM)
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund
    WORKING_DIRECTORY ${WORK} TIMEOUT 180 RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT failed EQUAL 0)
    message(STATUS "gentlify report will have no page, since npm ci failed (${failed}): ${said}")
  endif()
else()
  message(STATUS "gentlify report will have no page, since there is no npm")
endif()

if(NPM AND failed EQUAL 0)
  file(READ ${SOURCE}/index.html page)
  set(library ${WORK}/node_modules/uplot)
  foreach(part "UPLOT_LICENSE;${library}/LICENSE" "UPLOT_STYLE;${library}/dist/uPlot.min.css"
      "UPLOT;${library}/dist/uPlot.iife.min.js" "STYLE;${SOURCE}/page.css"
      "SCRIPT;${SOURCE}/words.js;${SOURCE}/plots.js;${SOURCE}/timeline.js;${SOURCE}/page.js")
    list(POP_FRONT part mark)
    set(text "")
    foreach(file IN LISTS part)
      file(READ ${file} more)
      string(APPEND text "${more}")
    endforeach()
    string(REPLACE "@${mark}@" "${text}" page "${page}")
  endforeach()
endif()

file(WRITE ${OUT}.html "${page}")
file(READ ${OUT}.html bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
string(REGEX REPLACE "(('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',))" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#include \"lib/record/report_page_text.h\"

namespace gentlify {

namespace {

constexpr char page[] = {${bytes}'\\0'};

}  // namespace

std::string_view report_page_text() {
  return {page, sizeof page - 1};
}

}  // namespace gentlify
")
