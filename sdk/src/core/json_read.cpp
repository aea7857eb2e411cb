#include <charconv>
#include <cstdint>
#include <utility>

#include "core/json_rules.hpp"
#include "core/json_token.hpp"
#include "core/json_walk.hpp"
#include "core/json_workspace.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

using json::Path;
using Value = simdjson::ondemand::value;

// A value that has been given for a field, or for an element of a list.
struct Given {
  Value& value;
  std::string_view token;
  const Rule& rule;
  const Path& path;
};

// One reading of one text into described records.
class Reader {
 public:
  Reader(json::Workspace& workspace, simdjson::ondemand::document& document,
         const JsonLimits& limits)
      : walk_(workspace, document, limits.depth_max) {}

  void read_record(RecordInfo info, void* target, simdjson::ondemand::object source,
                   const Path* path);
  void read_list(RecordInfo info, void* (*push)(void*), void* list,
                 simdjson::ondemand::array source, const Path* path);
  // Nothing may follow, and every field must have been right.
  void finish() {
    walk_.finish();
    complaints_.throw_if_any();
  }

 private:
  void read_member(const FieldInfo& field, void* target, Value& value, const Path& path);
  void read_value(const FieldInfo& field, void* target, const Given& given);
  void read_text(std::string& target, const Given& given);
  void read_integer(std::int64_t& target, const Given& given);
  void read_boolean(bool& target, const Given& given);
  void read_money(Money& target, const Given& given);
  void read_time(Timestamp& target, const Given& given);
  void read_name(const FieldInfo& field, void* target, const Given& given);
  void read_nested(const FieldInfo& field, void* target, const Given& given);
  void read_text_list(const FieldInfo& field, void* list, const Given& given);

  std::size_t find(RecordInfo info, const char* key, std::size_t expected);
  void complain(const Given& given, std::string_view code, std::string_view what) {
    complaints_.add(given.path, given.rule, code, what);
  }
  void reject(const Given& given, std::string_view what);
  void complain_missing(RecordInfo info, std::uint64_t seen, const Path* path);

  json::Walker walk_;
  json::Complaints complaints_;
};

// The index of the field named by `key`, or info.size(). `expected` is tried first: a writer that
// keeps the described order costs one comparison a field.
std::size_t Reader::find(RecordInfo info, const char* key, std::size_t expected) {
  if (expected < info.size() && walk_.key_is(key, info[expected].name)) return expected;
  const std::string_view name = walk_.key_of(key);
  for (std::size_t i = 0; i < info.size(); ++i) {
    if (info[i].name == name) return i;
  }
  return info.size();
}

// Complains that the value is of the wrong type; it must be JSON all the same.
void Reader::reject(const Given& given, std::string_view what) {
  walk_.check(given.value);
  complain(given, "wrong_type", what);
}

void Reader::complain_missing(RecordInfo info, std::uint64_t seen, const Path* path) {
  for (std::size_t i = 0; i < info.size(); ++i) {
    if (info[i].optional || (seen >> i & 1) != 0) continue;
    complaints_.add({path, info[i].name}, info[i].rule, "required", "is required");
  }
}

void Reader::read_record(RecordInfo info, void* target, simdjson::ondemand::object source,
                         const Path* path) {
  TICKETING_ASSERT(info.size() <= 64);  // A bit each in `seen`.
  walk_.enter();
  std::uint64_t seen = 0;
  std::size_t expected = 0;
  for (auto entry : source) {
    simdjson::ondemand::field member = json::value_or_malformed(std::move(entry));
    const std::size_t index = find(info, member.key().raw(), expected);
    if (index == info.size()) {
      walk_.check(member.value());
      continue;
    }
    expected = index + 1;
    const FieldInfo& field = info[index];
    const Path here{path, field.name};
    if ((seen >> index & 1) != 0) {
      walk_.check(member.value());
      complaints_.add(here, field.rule, "duplicate", "is given more than once");
    } else {
      seen |= std::uint64_t{1} << index;
      read_member(field, field.member(target), member.value(), here);
    }
  }
  walk_.leave();
  complain_missing(info, seen, path);
}

void Reader::read_member(const FieldInfo& field, void* target, Value& value, const Path& path) {
  const Given given{value, walk_.token_of(value), field.rule, path};
  if (given.token == "null") {
    if (field.optional) return;
    if (field.kind != FieldKind::json) return complain(given, "required", "is required");
  }
  read_value(field, field.optional ? field.optional_emplace(target) : target, given);
}

void Reader::read_value(const FieldInfo& field, void* target, const Given& given) {
  switch (field.kind) {
    case FieldKind::text:
      return read_text(*static_cast<std::string*>(target), given);
    case FieldKind::integer:
      return read_integer(*static_cast<std::int64_t*>(target), given);
    case FieldKind::boolean:
      return read_boolean(*static_cast<bool*>(target), given);
    case FieldKind::money:
      return read_money(*static_cast<Money*>(target), given);
    case FieldKind::time:
      return read_time(*static_cast<Timestamp*>(target), given);
    case FieldKind::json:
      static_cast<JsonText*>(target)->text.assign(walk_.raw(given.value));
      return;
    case FieldKind::name:
      return read_name(field, target, given);
    case FieldKind::record:
    case FieldKind::record_list:
    case FieldKind::text_list:
      return read_nested(field, target, given);
  }
}

void Reader::read_text(std::string& target, const Given& given) {
  if (given.token.front() != '"') return reject(given, "must be a string");
  walk_.take_string(given.value, given.token, target);
  json::normalise(given.rule, target);
  json::check_text(given.rule, target, given.path, complaints_);
}

void Reader::read_integer(std::int64_t& target, const Given& given) {
  const std::string_view text = given.token;
  if (!json::is_whole_number(text)) return reject(given, "must be a whole number");
  const auto result = std::from_chars(text.data(), text.data() + text.size(), target);
  if (result.ec != std::errc{}) return complain(given, "range", "must be a 64-bit number");
  json::check_amount(given.rule, target, false, given.path, complaints_);
}

void Reader::read_boolean(bool& target, const Given& given) {
  target = given.token == "true";
  if (!target && given.token != "false") reject(given, "must be true or false");
}

void Reader::read_money(Money& target, const Given& given) {
  std::string_view text = given.token;
  if (text.front() == '"' && given.rule.lenient_number) {
    text = walk_.take_string(given.value, text);
  } else if (!json::is_number(text)) {
    return reject(given, "must be a number");
  }
  // From the text as it stands: a double would make 19.99 something else.
  const auto money = Money::parse(text);
  if (!money) return complain(given, "money", "must be an amount such as 20 or 19.99");
  target = *money;
  json::check_amount(given.rule, target.cents(), true, given.path, complaints_);
}

void Reader::read_time(Timestamp& target, const Given& given) {
  if (given.token.front() != '"') return reject(given, "must be a string");
  const auto time = parse_timestamp(walk_.take_string(given.value, given.token));
  if (!time) return complain(given, "time", "must be a time such as 2026-01-31T09:05:00.123Z");
  target = *time;
}

void Reader::read_name(const FieldInfo& field, void* target, const Given& given) {
  if (given.token.front() != '"') return reject(given, "must be a string");
  const std::string_view name = walk_.take_string(given.value, given.token);
  const NameTable names = field.names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return field.name_set(target, static_cast<std::int64_t>(i));
  }
  std::string what = "must be ";
  for (const std::string_view known : names) {
    if (known != names.front()) what += known == names.back() ? " or " : ", ";
    what += known;
  }
  complain(given, "unknown_value", what);
}

void Reader::read_nested(const FieldInfo& field, void* target, const Given& given) {
  if (field.kind == FieldKind::record) {
    if (given.token.front() != '{') return reject(given, "must be an object");
    const auto source = json::value_or_malformed(given.value.get_object());
    return read_record(field.record(), target, source, &given.path);
  }
  if (given.token.front() != '[') return reject(given, "must be an array");
  field.list_clear(target);
  if (field.kind == FieldKind::text_list) return read_text_list(field, target, given);
  const auto source = json::value_or_malformed(given.value.get_array());
  read_list(field.record(), field.list_push, target, source, &given.path);
}

void Reader::read_text_list(const FieldInfo& field, void* list, const Given& given) {
  walk_.enter();
  std::size_t index = 0;
  for (auto entry : json::value_or_malformed(given.value.get_array())) {
    Value element = json::value_or_malformed(std::move(entry));
    const Path path{&given.path, {}, index++};
    auto& target = *static_cast<std::string*>(field.list_push(list));
    read_text(target, {element, walk_.token_of(element), field.rule, path});
  }
  walk_.leave();
}

void Reader::read_list(RecordInfo info, void* (*push)(void*), void* list,
                       simdjson::ondemand::array source, const Path* path) {
  static constexpr Rule kNoRule{};
  walk_.enter();
  std::size_t index = 0;
  for (auto entry : source) {
    Value element = json::value_or_malformed(std::move(entry));
    const Path here{path, {}, index++};
    const Given given{element, walk_.token_of(element), kNoRule, here};
    if (given.token.front() != '{') {
      reject(given, "must be an object");
    } else {
      read_record(info, push(list), json::value_or_malformed(element.get_object()), &here);
    }
  }
  walk_.leave();
}

// Opens `text`, and gives memory back afterwards however the reading ends.
class Session {
 public:
  Session(std::string_view text, const JsonLimits& limits)
      : workspace_(json::Workspace::of_thread()),
        document_(workspace_.open(text, limits.bytes_max)) {}
  ~Session() { workspace_.shrink(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  json::Workspace& workspace() { return workspace_; }
  simdjson::ondemand::document& document() { return document_; }

 private:
  json::Workspace& workspace_;
  simdjson::ondemand::document document_;
};

}  // namespace

void read_json(RecordInfo info, void* object, std::string_view text, const JsonLimits& limits) {
  Session session(text, limits);
  simdjson::ondemand::object root;
  const auto error = session.document().get_object().get(root);
  if (error == simdjson::INCORRECT_TYPE) json::malformed("body must be a JSON object");
  if (error != simdjson::SUCCESS) json::malformed();
  Reader reader(session.workspace(), session.document(), limits);
  reader.read_record(info, object, root, nullptr);
  reader.finish();
}

void read_json_list(RecordInfo info, void* (*push)(void* list), void* list, std::string_view text,
                    const JsonLimits& limits) {
  Session session(text, limits);
  simdjson::ondemand::array root;
  const auto error = session.document().get_array().get(root);
  if (error == simdjson::INCORRECT_TYPE) json::malformed("body must be a JSON array");
  if (error != simdjson::SUCCESS) json::malformed();
  Reader reader(session.workspace(), session.document(), limits);
  reader.read_list(info, push, list, root, nullptr);
  reader.finish();
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace ticketing
