#pragma once
// TempFolder: a folder of its own for one test, gone with it.

#include <stdlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace ticketing::test {

/// For a server's files, in tests that are not about its disk: in memory, where there is room,
/// unless TMPDIR names another place.
inline std::filesystem::path fast_folder() {
  if (std::getenv("TMPDIR") != nullptr) return std::filesystem::temp_directory_path();
  constexpr std::uintmax_t kEnough = std::uintmax_t{4} << 30;
  std::error_code none;
  const auto space = std::filesystem::space("/dev/shm", none);
  return !none && space.available >= kEnough ? "/dev/shm" : std::filesystem::temp_directory_path();
}

class TempFolder {
 public:
  explicit TempFolder(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string pattern = (parent / "ticketing-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ticketing::test
