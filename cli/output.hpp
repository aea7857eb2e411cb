#pragma once
// Output: the one place that writes. Data goes to stdout, as aligned tables for people or as JSON
// for programs; messages go to stderr. Colour only where a terminal reads.
//
// Not thread-safe. Throws std::runtime_error when stdout takes no more (a full disk, a closed
// pipe): data that nobody received is a failure.

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/core/record.hpp"

namespace ticketing::cli {

struct OutputStyle {
  bool json = false;
  bool colour_out = false;
  bool colour_err = false;
};

class Output {
 public:
  Output(std::ostream& out, std::ostream& err, OutputStyle style)
      : out_(out), err_(err), style_(style) {}

  bool json() const { return style_.json; }

  /// One record: a JSON object, or one line a field.
  template <Record T>
  void record(const T& value) {
    if (style_.json) return line(to_json(value));
    fields(record_of<T>(), &value);
  }
  /// Many records: a JSON array, or a table of the fields at `paths`.
  template <Record T>
  void records(const std::vector<T>& values, std::span<const std::string_view> paths) {
    if (style_.json) return line(list_to_json(values));
    write(aligned(table_of(values, paths), style_.colour_out));
  }

  /// A line of data; flushed, so that a program at the other end of a pipe sees it at once.
  void line(std::string_view text);
  /// Lines that are written already.
  void text(std::string_view lines) { write(lines); }
  /// A message for people, on stderr.
  void note(std::string_view text);
  /// What went wrong, as one line on stderr.
  void error(std::string_view text);

 private:
  void fields(RecordInfo info, const void* object);
  void write(std::string_view text);

  std::ostream& out_;
  std::ostream& err_;
  OutputStyle style_;
};

}  // namespace ticketing::cli
