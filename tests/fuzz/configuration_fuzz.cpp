// A configuration file: what it sets is of its kind and is read again when it is written down; a
// flag beats it.

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/options.hpp"

namespace ticketing::fuzz {
namespace {

/// A file in memory that always holds the text that was written last.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("configuration", 0)) {
    TICKETING_ASSERT(descriptor_ >= 0);
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void write(std::string_view text) {
    TICKETING_ASSERT(::ftruncate(descriptor_, 0) == 0);
    TICKETING_ASSERT(::pwrite(descriptor_, text.data(), text.size(), 0) ==
                     static_cast<ssize_t>(text.size()));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

Settings parse_file(std::string_view text, std::vector<std::string> words = {}) {
  static MemoryFile file;
  file.write(text);
  words.push_back("--config=" + file.path());
  return parse(words);
}

std::string written(const Settings& settings) {
  std::string text = "# all that is set\n";
  for (const Option& option : kOptions) {
    if (settings.given(option.name)) text += option.name + '=' + settings.text(option.name) + '\n';
  }
  return text;
}

}  // namespace

void check(std::string_view input) {
  std::optional<Settings> settings;
  if (const auto error = error_of([&] { settings = parse_file(input); })) {
    return check_refusal(*error);
  }
  read_all(*settings);
  const Settings again = parse_file(written(*settings));
  for (const Option& option : kOptions) {
    TICKETING_ASSERT(again.text(option.name) == settings->text(option.name));
    TICKETING_ASSERT(again.given(option.name) == settings->given(option.name));
  }
  TICKETING_ASSERT(parse_file(input, {"--attempts=7"}).number("attempts") == 7);
}

}  // namespace ticketing::fuzz
