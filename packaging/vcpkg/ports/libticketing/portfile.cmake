# Builds the checkout that this overlay port stands in; of libticketing nothing is downloaded.
vcpkg_check_linkage(ONLY_STATIC_LIBRARY)
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)
vcpkg_find_acquire_program(PKGCONFIG)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DTICKETING_BUILD_PROGRAMS=OFF
    -DTICKETING_BUILD_TESTS=OFF
    -DTICKETING_BUILD_BENCH=OFF
    "-DPKG_CONFIG_EXECUTABLE=${PKGCONFIG}")
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/libticketing)

# The pkg-config file names Debian's packages, and vcpkg's cpp-httplib has none.
file(REMOVE_RECURSE
  "${CURRENT_PACKAGES_DIR}/lib/pkgconfig"
  "${CURRENT_PACKAGES_DIR}/debug/lib/pkgconfig"
  "${CURRENT_PACKAGES_DIR}/debug/include"
  "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
