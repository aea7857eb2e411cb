# How everything is compiled: C++20, warnings are errors, hardened, quick to rebuild.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(TICKETING_CCACHE ccache)
if(TICKETING_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without leave it caches nothing that uses a precompiled header. What was compiled in one clone
  # is good for another.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TICKETING_CCACHE})
endif()
find_program(TICKETING_MOLD mold)

# What every target of this project is compiled with; users of the SDK inherit none of it.
add_library(ticketing_options INTERFACE)
target_compile_options(ticketing_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Werror -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps in std::string concatenation that are not there (PR 105651).
  target_compile_options(ticketing_options INTERFACE -Wno-restrict)
endif()
target_link_options(ticketing_options INTERFACE -pie -Wl,-z,relro,-z,now)
if(TICKETING_MOLD)
  target_link_options(ticketing_options INTERFACE -fuse-ld=mold)
endif()
if(TICKETING_SANITIZER)
  target_compile_options(ticketing_options INTERFACE
    -fsanitize=${TICKETING_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(ticketing_options INTERFACE -fsanitize=${TICKETING_SANITIZER})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC sees ghosts of uninitialised members through the sanitizers' instrumentation, and
    # does not model fences for the thread sanitizer.
    target_compile_options(ticketing_options INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(ticketing_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
