"""Conan 2 recipe of libticketing, built from the checkout that it stands in."""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load
from conan.tools.gnu import PkgConfigDeps

required_conan_version = ">=2.0"


class LibticketingConan(ConanFile):
    name = "libticketing"
    description = "SDK for services that talk through events"
    license = "Apache-2.0"
    topics = ("events", "outbox", "zeromq", "nats", "sqlite", "postgresql")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_programs": [True, False]}
    default_options = {"with_programs": False, "soci/*:with_sqlite3": True,
                       "soci/*:with_postgresql": True}

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        project = load(self, os.path.join(self._checkout, "CMakeLists.txt"))
        self.version = re.search(r"VERSION (\d+\.\d+\.\d+)", project)[1]

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "README.md", "cmake/*", "sdk/*", "services/*",
                        "cli/*"):
            copy(self, pattern, self._checkout, self.export_sources_folder)

    def requirements(self):
        self.requires("cnats/[>=3.4 <4]")
        self.requires("libpq/[>=15 <18]")
        self.requires("libsodium/[>=1.0.18 <2]")
        self.requires("prometheus-cpp/[>=1.0 <2]")
        self.requires("simdjson/[>=3.0 <4]")
        self.requires("soci/[>=4.0.3 <4.1]")
        self.requires("spdlog/[>=1.10 <2]")
        self.requires("sqlite3/[>=3.40 <4]")
        self.requires("zeromq/[>=4.3.4 <5]")
        # The versions between do not compile with it. No header of ours includes it, but it is
        # header-only here: without its headers users would not get it at all, and the package's
        # CMake file could not find it.
        self.requires("cpp-httplib/[>=0.11.4 <0.18 || >=0.24 <1]", transitive_headers=True)
        # Header-only, and compiled in.
        self.requires("cppzmq/[>=4.9 <5]", visible=False)
        self.requires("cxxopts/[>=3.0 <4]", visible=False)

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("libticketing runs on Linux")
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["TICKETING_BUILD_PROGRAMS"] = bool(self.options.with_programs)
        toolchain.cache_variables["TICKETING_BUILD_TESTS"] = False
        toolchain.cache_variables["TICKETING_BUILD_BENCH"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # The package's own CMake files say what to link; a second account of it would drift apart.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(os.path.join("lib", "cmake", "libticketing"))
