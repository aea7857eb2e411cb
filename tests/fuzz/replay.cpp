// Gives every file of the folders or files named by the arguments to a fuzzer's check, with any
// compiler: so the corpus is a regression test. The last path printed is the one that fails.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  if (!file) return false;
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);
  ticketing::fuzz::check(bytes);
  return true;
}

std::vector<fs::path> files_in(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files{fs::directory_iterator{path}, {}};
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const fs::path& file : files_in(argv[i])) {
      if (!replay(file)) return std::fprintf(stderr, "cannot read %s\n", file.c_str()), 2;
      ++count;
    }
  }
  if (count == 0) return std::fprintf(stderr, "no input\n"), 2;
  std::printf("%zu inputs\n", count);
}
