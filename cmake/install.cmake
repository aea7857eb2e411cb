# What `cmake --install` lays down: public headers, a static library for each layer, the programs
# with completions and a manual page, a CMake package and a pkg-config file. No file of these names
# a path of the machine that built it.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/libticketing)
set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(generated ${PROJECT_BINARY_DIR}/package)

# Headers and libraries. A layer that sdk/CMakeLists.txt lists is installed without a word here.
get_property(layers GLOBAL PROPERTY TICKETING_LAYERS)
list(TRANSFORM layers PREPEND ticketing_ OUTPUT_VARIABLE layer_targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/ticketing
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.hpp)
install(TARGETS ticketing ${layer_targets} EXPORT libticketing
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# All that has to be built for it, without tests and examples.
add_custom_target(product)
add_dependencies(product ${layer_targets})
if(TICKETING_BUILD_PROGRAMS)
  set(programs ticketd ticketctl ticketing-auth ticketing-tickets ticketing-orders
               ticketing-expiration ticketing-payments)
  install(TARGETS ${programs})
  add_dependencies(product ${programs})
endif()
if(TARGET ticketctl_documents)
  add_dependencies(product ticketctl_documents)
  set(documents ${PROJECT_BINARY_DIR}/cli/documents)
  install(FILES ${documents}/ticketctl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${documents}/ticketctl.bash RENAME ticketctl
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${documents}/_ticketctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${documents}/ticketctl.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libticketing)

# The CMake package.
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/libticketing-config.cmake.in
  ${generated}/libticketing-config.cmake INSTALL_DESTINATION ${package_folder})
# Before 1.0 a minor version may break.
write_basic_package_version_file(${generated}/libticketing-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(EXPORT libticketing NAMESPACE ticketing:: FILE libticketing-targets.cmake
        DESTINATION ${package_folder})
install(FILES ${generated}/libticketing-config.cmake ${generated}/libticketing-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindTicketingDependencies.cmake
        DESTINATION ${package_folder})

# The pkg-config files: the layers behind ticketing::ticketing, users before what they use.
set(layers_to_link ${layers})
list(REMOVE_ITEM layers_to_link testing postgres nats nats_testing)
list(REVERSE layers_to_link)
list(TRANSFORM layers_to_link PREPEND -lticketing_)
list(JOIN layers_to_link " " layers_to_link)
file(RELATIVE_PATH prefix_from_pc /${pkgconfig_folder} /)
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
configure_file(${CMAKE_CURRENT_LIST_DIR}/libticketing.pc.in ${generated}/libticketing.pc @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/libticketing-postgres.pc.in
  ${generated}/libticketing-postgres.pc @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/libticketing-nats.pc.in
  ${generated}/libticketing-nats.pc @ONLY)
install(FILES ${generated}/libticketing.pc ${generated}/libticketing-postgres.pc
              ${generated}/libticketing-nats.pc
        DESTINATION ${pkgconfig_folder})
