# What the SDK is made of. All are Debian 12 packages, and exist in vcpkg and Conan; nothing is
# downloaded. What is linked is found by the file that users of the installed package share.

list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(TicketingDependencies REQUIRED)
list(POP_FRONT CMAKE_MODULE_PATH)
find_path(CPPZMQ_INCLUDE_DIR zmq.hpp REQUIRED)
find_path(CXXOPTS_INCLUDE_DIR cxxopts.hpp REQUIRED)
find_path(SOCI_INCLUDE_DIR soci/soci.h REQUIRED)
