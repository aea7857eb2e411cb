#include "output.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace ticketing::cli {

void Output::line(std::string_view text) { write(std::string{text} + '\n'); }

void Output::note(std::string_view text) { err_ << printable(text) << '\n' << std::flush; }

void Output::error(std::string_view text) {
  const std::string_view name = style_.colour_err ? "\x1b[31mticketctl:\x1b[0m " : "ticketctl: ";
  err_ << name << printable(text) << '\n' << std::flush;
}

void Output::fields(RecordInfo info, const void* object) {
  std::vector<std::pair<std::string, std::string>> lines;
  std::size_t width = 0;
  for (std::string& path : paths_of(info)) {
    std::string cell = printable(cell_of(info, object, path));
    if (cell.empty()) continue;
    width = std::max(width, path.size());
    lines.emplace_back(std::move(path), std::move(cell));
  }
  std::string text;
  for (const auto& [path, cell] : lines) {
    text += path + std::string(width - path.size() + 2, ' ') + cell + '\n';
  }
  write(text);
}

void Output::write(std::string_view text) {
  out_ << text << std::flush;
  if (!out_) throw std::runtime_error{"cannot write to standard output"};
}

}  // namespace ticketing::cli
