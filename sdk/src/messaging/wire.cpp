#include "ticketing/messaging/wire.hpp"

#include <algorithm>
#include <charconv>

#include "ticketing/core/error.hpp"

namespace ticketing::wire {

namespace {

constexpr std::string_view kVersion = "v1";
constexpr std::size_t kFieldsMax = 4096;
constexpr char kReserved = '~';  // No subject begins with it.
constexpr std::string_view kReader = "~reader";
constexpr std::string_view kHorizon = "~horizon=";

[[noreturn]] void malformed(const char* what) {
  throw Error(ErrorCode::invalid, std::string{"malformed message: "} + what);
}

/// Walks the words of a line, between which stands one blank each.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}
  bool more() const { return more_; }
  std::string_view next() {
    if (!more_ || ++count_ > kFieldsMax) malformed("too few or too many words");
    const std::size_t end = rest_.find(' ');
    const std::string_view word = rest_.substr(0, end);
    more_ = end != std::string_view::npos;
    rest_ = more_ ? rest_.substr(end + 1) : std::string_view{};
    if (word.empty()) malformed("an empty word");
    return word;
  }
  void expect(std::string_view word) {
    if (next() != word) malformed("an unknown version or kind");
  }
  std::string_view rest() const { return rest_; }
  bool next_is_reserved() const { return more_ && rest_.starts_with(kReserved); }

 private:
  std::string_view rest_;
  bool more_ = true;
  std::size_t count_ = 0;
};

template <class Number>
Number number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) malformed("not a number");
  return value;
}

std::int64_t offset(std::string_view word) {
  const auto value = number<std::int64_t>(word);
  if (value < 0) malformed("a negative offset");
  return value;
}

void append(std::string& line, std::string_view word) {
  if (!line.empty()) line += ' ';
  line += word;
}

template <class Number>
void append_number(std::string& line, Number value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  line.append(digits, end);
}

/// `<consumer>@<cursor>`; a name may have an `@` itself.
Reader reader_of(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) malformed("a reader without a cursor");
  const std::string_view name = text.substr(0, at);
  return {name == "-" ? std::string{} : std::string{name}, offset(text.substr(at + 1))};
}

void append_reader(std::string& line, const Reader& reader) {
  append(line, kReader);
  line.append(1, '=').append(reader.consumer.empty() ? "-" : reader.consumer);
  append_number(line += '@', reader.cursor);
}

}  // namespace

std::int64_t Position::last_of(const std::vector<std::string>& subjects, bool is_event) const {
  if (subjects.empty()) return is_event ? offset - 1 : offset;
  std::int64_t newest = -1;
  std::size_t listed = 0;
  for (const auto& [subject, at] : last) {
    if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) continue;
    newest = std::max(newest, at);
    ++listed;
  }
  return listed == subjects.size() ? newest : std::max(newest, floor);
}

std::string encode(const Position& position) {
  std::string line;
  line.reserve(192);
  append(line, kVersion);
  append(line, position.log);
  append(line, position.log_id);
  append_number(line += ' ', position.offset);
  append(line, position.fetch);
  append_number(line += " *=", position.floor);
  for (const auto& [subject, last] : position.last) {
    append(line, subject);
    append_number(line += '=', last);
  }
  if (position.takes_readers) line.append(1, ' ').append(kReader).append("=1");
  return line;
}

Position decode_position(std::string_view text) {
  Words words{text};
  Position position;
  words.expect(kVersion);
  position.log = words.next();
  position.log_id = words.next();
  position.offset = offset(words.next());
  position.fetch = words.next();
  while (words.more()) {
    const std::string_view word = words.next();
    const std::size_t equals = word.rfind('=');
    if (equals == std::string_view::npos || equals == 0) malformed("a position without subject");
    const std::int64_t last = offset(word.substr(equals + 1));
    const std::string_view subject = word.substr(0, equals);
    if (subject == "*") {
      position.floor = last;
    } else if (subject.front() == kReserved) {
      position.takes_readers |= subject == kReader;
    } else {
      position.last.emplace_back(subject, last);
    }
  }
  return position;
}

std::string encode(const FetchRequest& request) {
  std::string line;
  append(line, kVersion);
  append(line, "fetch");
  append_number(line += ' ', request.number);
  append(line, request.log);
  append(line, request.log_id.empty() ? std::string_view{"-"} : request.log_id);
  append_number(line += ' ', request.query.after);
  append_number(line += ' ', request.query.until);
  append_number(line += ' ', request.query.count_max);
  if (request.reader) append_reader(line, *request.reader);
  for (const std::string& subject : request.query.subjects) append(line, subject);
  return line;
}

FetchRequest decode_fetch_request(std::string_view line) {
  Words words{line};
  FetchRequest request;
  words.expect(kVersion);
  words.expect("fetch");
  request.number = number<std::uint64_t>(words.next());
  request.log = words.next();
  request.log_id = words.next();
  if (request.log_id == "-") request.log_id.clear();
  request.query.after = offset(words.next());
  request.query.until = offset(words.next());
  request.query.count_max = number<std::size_t>(words.next());
  while (words.more()) {
    const std::string_view word = words.next();
    if (word.front() != kReserved) {
      request.query.subjects.emplace_back(word);
    } else if (word.starts_with(kReader) && word.substr(kReader.size()).starts_with('=')) {
      request.reader = reader_of(word.substr(kReader.size() + 1));
    }
  }
  if (request.query.count_max == 0) malformed("a question for nothing");
  return request;
}

bool is_report(std::string_view line) { return line.starts_with("v1 report "); }

std::string encode(const Report& report) {
  std::string line{kVersion};
  append(line, "report");
  append(line, report.log);
  append(line, report.log_id);
  append(line, report.reader.consumer);
  append_number(line += ' ', report.reader.cursor);
  return line;
}

Report decode_report(std::string_view line) {
  Words words{line};
  words.expect(kVersion);
  words.expect("report");
  Report report;
  report.log = words.next();
  report.log_id = words.next();
  report.reader.consumer = words.next();
  report.reader.cursor = offset(words.next());
  return report;
}

Frames encode(FetchAnswer answer) {
  std::string line;
  append(line, kVersion);
  if (!answer.error.empty()) {
    append(line, "error");
    append_number(line += ' ', answer.number);
    append(line, answer.error);
    return {std::move(line)};
  }
  append(line, "events");
  append_number(line += ' ', answer.number);
  append(line, answer.log);
  append(line, answer.log_id);
  append_number(line += ' ', answer.covered_to);
  append_number(line += ' ', answer.head);
  if (answer.horizon) append_number(line.append(1, ' ').append(kHorizon), *answer.horizon);
  for (const ReceivedEvent& event : answer.events) append_number(line += ' ', event.offset);
  Frames frames;
  frames.reserve(answer.events.size() + 1);
  frames.push_back(std::move(line));
  for (ReceivedEvent& event : answer.events) frames.push_back(std::move(event.envelope));
  return frames;
}

FetchAnswer decode_fetch_answer(Frames frames) {
  if (frames.empty()) malformed("no frames");
  Words words{frames.front()};
  FetchAnswer answer;
  words.expect(kVersion);
  const std::string_view kind = words.next();
  answer.number = number<std::uint64_t>(words.next());
  if (kind == "error") {
    // Never empty: that would make it an answer with events, from a log without a name.
    answer.error = words.rest().empty() ? "unknown" : words.rest();
    return answer;
  }
  if (kind != "events") malformed("an unknown kind of answer");
  answer.log = words.next();
  answer.log_id = words.next();
  answer.covered_to = offset(words.next());
  answer.head = offset(words.next());
  while (words.next_is_reserved()) {
    const std::string_view word = words.next();
    if (word.starts_with(kHorizon)) answer.horizon = offset(word.substr(kHorizon.size()));
  }
  std::int64_t before = 0;
  for (std::size_t i = 1; i < frames.size(); ++i) {
    const std::int64_t at = offset(words.next());
    if (at <= before || at > answer.covered_to) malformed("offsets out of order");
    answer.events.push_back({at, std::move(frames[i])});
    before = at;
  }
  if (words.more()) malformed("more offsets than events");
  return answer;
}

}  // namespace ticketing::wire
