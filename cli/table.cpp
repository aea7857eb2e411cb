#include "table.hpp"

#include <algorithm>

#include "ticketing/core/error.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/events/order_status.hpp"

namespace ticketing::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

const FieldInfo& field_at(RecordInfo info, std::string_view name) {
  const auto found = std::find_if(info.begin(), info.end(),
                                  [&](const FieldInfo& field) { return field.name == name; });
  TICKETING_ASSERT(found != info.end());
  return *found;
}

/// The field that a path ends in.
const FieldInfo& leaf_of(RecordInfo info, std::string_view path) {
  const auto dot = path.find('.');
  const FieldInfo& field = field_at(info, path.substr(0, dot));
  return dot == std::string_view::npos ? field : leaf_of(field.record(), path.substr(dot + 1));
}

std::string value_text(const FieldInfo& field, const void* value) {
  switch (field.kind) {
    case FieldKind::text:
      return *static_cast<const std::string*>(value);
    case FieldKind::integer:
      return std::to_string(*static_cast<const std::int64_t*>(value));
    case FieldKind::boolean:
      return *static_cast<const bool*>(value) ? "yes" : "no";
    case FieldKind::money:
      return static_cast<const Money*>(value)->to_text();
    case FieldKind::time:
      return to_text(*static_cast<const Timestamp*>(value));
    case FieldKind::json:
      return static_cast<const JsonText*>(value)->text;
    case FieldKind::name:
      return std::string{field.names()[static_cast<std::size_t>(field.name_get(value))]};
    case FieldKind::record:
    case FieldKind::record_list:
    case FieldKind::text_list:
      break;
  }
  return "(" + std::to_string(field.list_size == nullptr ? 1 : field.list_size(value)) + ")";
}

/// Green where an order ended well, red where it did not, yellow where it waits for its buyer.
std::string_view colour_of(std::string_view cell) {
  const auto status = value_named<OrderStatus>(cell);
  if (status == OrderStatus::complete) return "\x1b[32m";
  if (status == OrderStatus::cancelled) return "\x1b[31m";
  if (status == OrderStatus::awaiting_payment) return "\x1b[33m";
  return {};
}

void append_cell(std::string& line, const Column& column, std::size_t width, std::string_view cell,
                 std::string_view colour) {
  const std::string blanks(width - width_of(cell), ' ');
  if (column.right_aligned) line += blanks;
  line += colour;
  line += cell;
  if (!colour.empty()) line += "\x1b[0m";
  if (!column.right_aligned) line += blanks;
}

void end_line(std::string& text) {
  while (text.ends_with(' ')) text.pop_back();
  text += '\n';
}

}  // namespace

std::string aligned(const Table& table, bool colour) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> widths;
  for (const Column& column : table.columns) widths.push_back(width_of(column.title));
  for (const auto& row : table.rows) {
    TICKETING_ASSERT(row.size() == widths.size());
    auto& shown = rows.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      shown.push_back(printable(row[i]));
      widths[i] = std::max(widths[i], width_of(shown.back()));
    }
  }
  std::string text;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (i > 0) text += "  ";
    append_cell(text, table.columns[i], widths[i], table.columns[i].title, colour ? "\x1b[1m" : "");
  }
  end_line(text);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += "  ";
      append_cell(text, table.columns[i], widths[i], row[i], colour ? colour_of(row[i]) : "");
    }
    end_line(text);
  }
  return text;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (byte < 0x20 || byte == 0x7F) {
      out += kReplacement;
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
      out += kReplacement;  // C1 controls: some terminals obey them like escape sequences.
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string cell_of(RecordInfo info, const void* object, std::string_view path) {
  const auto dot = path.find('.');
  const FieldInfo& field = field_at(info, path.substr(0, dot));
  // A description serves readers and writers alike; here it only reads.
  void* value = field.member(const_cast<void*>(object));
  if (field.optional) value = field.optional_get(value);
  if (value == nullptr) return {};
  if (dot == std::string_view::npos) return value_text(field, value);
  return cell_of(field.record(), value, path.substr(dot + 1));
}

Column column_of(RecordInfo info, std::string_view path) {
  const FieldKind kind = leaf_of(info, path).kind;
  return {std::string{path}, kind == FieldKind::integer || kind == FieldKind::money};
}

std::vector<std::string> paths_of(RecordInfo info) {
  std::vector<std::string> paths;
  for (const FieldInfo& field : info) {
    const std::string name{field.name};
    if (field.kind != FieldKind::record) {
      paths.push_back(name);
      continue;
    }
    for (const std::string& inner : paths_of(field.record())) paths.push_back(name + '.' + inner);
  }
  return paths;
}

}  // namespace ticketing::cli
