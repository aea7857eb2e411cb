# Takes the dependencies from Debian 12's packages, not from ConanCenter.
include(default)

[settings]
compiler.cppstd=20
build_type=Release

[platform_requires]
cpp-httplib/0.11.4
cppzmq/4.9.0
cxxopts/3.1.1
libpq/15
libsodium/1.0.18
prometheus-cpp/1.0.1
simdjson/3.0.1
soci/4.0.3
spdlog/1.10.0
sqlite3/3.40.1
zeromq/4.3.4
