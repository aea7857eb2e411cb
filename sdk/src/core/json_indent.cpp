#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kStep = 2;

/// Writes one value after the other, each on one line if it fits there.
class Indenter {
 public:
  explicit Indenter(std::string_view json) : json_(json) {}

  std::string run() {
    value(0, 0);
    return std::move(out_);
  }

 private:
  /// `used` is the width of what stands before the value on its line.
  void value(std::size_t depth, std::size_t used) {
    const std::size_t end = end_of_value();
    if (is_open(json_[at_]) && used + spaced_width(end) > kColumnsMax) {
      lines(depth + 1);
    } else {
      copy(end);
    }
  }

  void lines(std::size_t depth) {
    const char close = json_[at_] == '{' ? '}' : ']';
    take();
    while (json_[at_] != close) {
      new_line(depth);
      const std::size_t begin = out_.size();
      if (close == '}') {
        copy(end_of_value());
        take();
        out_ += ' ';
      }
      value(depth, depth * kStep + out_.size() - begin + 1);  // And perhaps a comma.
      if (json_[at_] == ',') take();
    }
    new_line(depth - 1);
    take();
  }

  /// Up to `end`, on one line.
  void copy(std::size_t end) {
    bool in_text = false;
    while (at_ < end) {
      const char c = json_[at_];
      if (in_text && c == '\\') take();
      if (c == '"') in_text = !in_text;
      take();
      if (!in_text && (c == ',' || c == ':')) out_ += ' ';
    }
  }

  std::size_t spaced_width(std::size_t end) const {
    std::size_t width = end - at_;
    for (std::size_t i = at_; i < end; ++i) width += json_[i] == ',' || json_[i] == ':';
    return width;
  }

  /// Behind the value, or the member's name, that starts here.
  std::size_t end_of_value() const {
    std::size_t depth = 0;
    bool in_text = false;
    for (std::size_t i = at_; i < json_.size(); ++i) {
      const char c = json_[i];
      if (in_text && c == '\\') {
        ++i;
        continue;
      }
      if (c == '"') in_text = !in_text;
      if (in_text) continue;
      if (depth == 0 && (c == ',' || c == ':' || is_close(c))) return i;
      if (is_open(c)) ++depth;
      if (is_close(c) && --depth == 0) return i + 1;
    }
    return json_.size();
  }

  static bool is_open(char c) { return c == '{' || c == '['; }
  static bool is_close(char c) { return c == '}' || c == ']'; }
  void take() { out_ += json_[at_++]; }
  void new_line(std::size_t depth) {
    out_ += '\n';
    out_.append(depth * kStep, ' ');
  }

  std::string_view json_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string indented_json(std::string_view json) { return Indenter{json}.run(); }

}  // namespace ticketing
