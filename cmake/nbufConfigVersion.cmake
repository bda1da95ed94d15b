# For find_package(nbuf 0.1). The version is the package's, read where it is kept; versions
# go together as npm's caret has it: same major, and before 1.0 same minor.
file(READ "${CMAKE_CURRENT_LIST_DIR}/../package.json" _nbuf_package)
string(REGEX MATCH "\"version\"[ \t\r\n]*:[ \t\r\n]*\"(([0-9]+)\\.([0-9]+)[0-9.]*)"
  _nbuf_match "${_nbuf_package}")
set(PACKAGE_VERSION "${CMAKE_MATCH_1}")
set(_nbuf_series "${CMAKE_MATCH_2}")
set(_nbuf_asked "${PACKAGE_FIND_VERSION_MAJOR}")
if(_nbuf_series EQUAL 0 AND PACKAGE_FIND_VERSION_COUNT GREATER 1)
  set(_nbuf_series "0.${CMAKE_MATCH_3}")
  set(_nbuf_asked "${PACKAGE_FIND_VERSION_MAJOR}.${PACKAGE_FIND_VERSION_MINOR}")
endif()

set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION_MIN
      AND (PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX
        OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE"
          AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX)))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION
    AND _nbuf_series VERSION_EQUAL _nbuf_asked)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
unset(_nbuf_package)
unset(_nbuf_match)
unset(_nbuf_series)
unset(_nbuf_asked)
