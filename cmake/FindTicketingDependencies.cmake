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
find_library(SOCI_POSTGRESQL_LIBRARY soci_postgresql)
pkg_check_modules(LIBPQ QUIET IMPORTED_TARGET libpq)
mark_as_advanced(SOCI_CORE_LIBRARY SOCI_SQLITE3_LIBRARY SOCI_POSTGRESQL_LIBRARY)

# Debian's CMake package of cnats names a file that Debian does not have, so the pkg-config file is
# asked first.
pkg_check_modules(NATS QUIET IMPORTED_TARGET libnats)
if(NATS_FOUND)
  set(NATS_TARGET PkgConfig::NATS)
else()
  find_package(cnats CONFIG QUIET)
  foreach(target cnats::nats cnats::nats_static)
    if(TARGET ${target} AND NOT NATS_TARGET)
      set(NATS_TARGET ${target})
    endif()
  endforeach()
endif()

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
                SQLITE3_FOUND HTTPLIB_TARGET SOCI_POSTGRESQL_LIBRARY LIBPQ_FOUND
                NATS_TARGET)

# One name for each, wherever it was found: exported files must not hold a path of this machine.
if(TicketingDependencies_FOUND AND NOT TARGET TicketingDependencies::soci)
  add_library(TicketingDependencies::soci INTERFACE IMPORTED)
  target_link_libraries(TicketingDependencies::soci INTERFACE
    ${SOCI_SQLITE3_LIBRARY} ${SOCI_CORE_LIBRARY} PkgConfig::SQLITE3 ${CMAKE_DL_LIBS})
  # For ticketing::postgres alone.
  add_library(TicketingDependencies::postgres INTERFACE IMPORTED)
  target_link_libraries(TicketingDependencies::postgres INTERFACE
    ${SOCI_POSTGRESQL_LIBRARY} ${SOCI_CORE_LIBRARY} PkgConfig::LIBPQ)
  # For ticketing::nats alone.
  add_library(TicketingDependencies::nats INTERFACE IMPORTED)
  target_link_libraries(TicketingDependencies::nats INTERFACE ${NATS_TARGET})
  add_library(TicketingDependencies::httplib INTERFACE IMPORTED)
  target_link_libraries(TicketingDependencies::httplib INTERFACE ${HTTPLIB_TARGET})
endif()
