// Where the suite's databases lie, when nobody says otherwise.

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "ticketing/core/error.hpp"
#include "ticketing/testing/bus_conformance.hpp"

namespace ticketing::testing {

namespace {

constexpr std::string_view kScheme = "sqlite:";

class SqliteFiles final : public ConformanceStorage {
 public:
  SqliteFiles() {
    const bool has_memory = ::access("/dev/shm", W_OK) == 0;
    const auto parent = has_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "ticketing-bus-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw Error(ErrorCode::unavailable, "cannot make a folder " + pattern);
    }
    folder_ = pattern;
  }
  ~SqliteFiles() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  SqliteFiles(const SqliteFiles&) = delete;
  SqliteFiles& operator=(const SqliteFiles&) = delete;

  std::string make() override {
    const std::string name = std::to_string(++count_) + ".db";
    return std::string{kScheme} + (folder_ / name).string();
  }
  std::string copy_of(const std::string& url) override {
    std::string copy = make();
    std::filesystem::copy_file(url.substr(kScheme.size()), copy.substr(kScheme.size()));
    return copy;
  }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

}  // namespace

std::unique_ptr<ConformanceStorage> sqlite_storage() { return std::make_unique<SqliteFiles>(); }

}  // namespace ticketing::testing
