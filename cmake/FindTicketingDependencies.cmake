# TicketingDependencies: the libraries that the SDK is linked with.
#
# The build uses this file, and the installed package brings it along: the SDK's libraries are
# static, so whoever links them links these too. Headers of theirs are needed by the build alone.
# Debian has CMake packages for some; the others are found by pkg-config, or by name.

include(CMakeFindDependencyMacro)
include(FindPackageHandleStandardArgs)

find_dependency(Threads)
find_dependency(simdjson)
find_dependency(spdlog)
find_dependency(prometheus-cpp COMPONENTS core)
find_dependency(PkgConfig)
pkg_check_modules(LIBZMQ QUIET IMPORTED_TARGET libzmq)
pkg_check_modules(SODIUM QUIET IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE3 QUIET IMPORTED_TARGET sqlite3)
find_library(SOCI_CORE_LIBRARY soci_core)
find_library(SOCI_SQLITE3_LIBRARY soci_sqlite3)
mark_as_advanced(SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY)

# vcpkg and Conan have a CMake package of cpp-httplib, Debian has a pkg-config file.
find_package(httplib CONFIG QUIET)
if(httplib_FOUND)
  set(HTTPLIB_TARGET httplib::httplib)
else()
  pkg_check_modules(HTTPLIB QUIET IMPORTED_TARGET cpp-httplib)
  if(HTTPLIB_FOUND)
    set(HTTPLIB_TARGET PkgConfig::HTTPLIB)
  endif()
endif()

find_package_handle_standard_args(TicketingDependencies
  REQUIRED_VARS SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY LIBZMQ_FOUND SODIUM_FOUND
                SQLITE3_FOUND HTTPLIB_TARGET)

# One name for each, wherever it was found: exported files must not hold a path of this machine.
if(TicketingDependencies_FOUND AND NOT TARGET TicketingDependencies::soci)
  add_library(TicketingDependencies::soci INTERFACE IMPORTED)
  target_link_libraries(TicketingDependencies::soci INTERFACE
    ${SOCI_SQLITE3_LIBRARY} ${SOCI_CORE_LIBRARY} PkgConfig::SQLITE3 ${CMAKE_DL_LIBS})
  add_library(TicketingDependencies::httplib INTERFACE IMPORTED)
  target_link_libraries(TicketingDependencies::httplib INTERFACE ${HTTPLIB_TARGET})
endif()
