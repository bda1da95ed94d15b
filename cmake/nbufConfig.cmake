# For addons that use nbuf's headers:
#   execute_process(COMMAND node -p "require('nbuf/include').cmake_dir"
#     WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
#     OUTPUT_VARIABLE nbuf_DIR OUTPUT_STRIP_TRAILING_WHITESPACE)
#   find_package(nbuf REQUIRED CONFIG)
#   target_link_libraries(my_addon PRIVATE nbuf::nbuf)
# Besides the include path it keeps the addon's code mapped, as nbuf.gyp does.
if(NOT TARGET nbuf::nbuf)
  get_filename_component(_nbuf_root "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
  add_library(nbuf::nbuf INTERFACE IMPORTED)
  set_target_properties(nbuf::nbuf PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_nbuf_root}/native/include")
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set_target_properties(nbuf::nbuf PROPERTIES
      INTERFACE_LINK_OPTIONS "-Wl,-z,nodelete"
      INTERFACE_COMPILE_DEFINITIONS "NBUF_IMAGE_PINNED")
  endif()
  unset(_nbuf_root)
endif()
