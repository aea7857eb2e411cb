#include "ticketing/core/json_schema.hpp"

#include "core/json_members.hpp"

namespace ticketing {
namespace {

using json::Members;

void add_text(Members& schema, const Rule& rule) {
  schema.text("type", "string");
  if (rule.email) schema.text("format", "email");
  if (rule.length_min > 0) schema.number("minLength", static_cast<std::int64_t>(rule.length_min));
  if (rule.length_max < SIZE_MAX) {
    schema.number("maxLength", static_cast<std::int64_t>(rule.length_max));
  }
  // Blanks at the ends do not count, so something else must be there.
  if (rule.trimmed && rule.length_min > 0) schema.text("pattern", "\\S");
}

void add_integer(Members& schema, const Rule& rule) {
  schema.text("type", "integer").text("format", "int64");
  if (rule.value_min > INT64_MIN) schema.number("minimum", rule.value_min);
  if (rule.value_max < INT64_MAX) schema.number("maximum", rule.value_max);
}

/// No `multipleOf`: validators compute with binary fractions, and 19.99 is no multiple of 0.01
/// there. `decimal` is in OpenAPI's registry of formats.
void add_money(Members& schema, const Rule& rule, SchemaSide side) {
  const bool as_text_too = side == SchemaSide::accepted && rule.lenient_number;
  as_text_too ? schema.add("type", R"(["number","string"])") : schema.text("type", "number");
  schema.text("format", "decimal");
  if (rule.value_min > INT64_MIN) {
    schema.add("minimum", Money::from_cents(rule.value_min).to_text());
  }
  if (rule.value_max < INT64_MAX) {
    schema.add("maximum", Money::from_cents(rule.value_max).to_text());
  }
  if (!as_text_too) return;
  schema.text("pattern", rule.value_min > 0 ? R"(^(?=.*[1-9])[0-9]{1,15}(\.[0-9]{1,2})?$)"
                                            : R"(^-?[0-9]{1,15}(\.[0-9]{1,2})?$)");
}

void add_name(Members& schema, NameTable names) {
  schema.text("type", "string").add("enum", json::array_of_texts(names));
}

void add_record(Members& schema, RecordInfo info, SchemaSide side) {
  Members properties;
  std::vector<std::string_view> required;
  for (const FieldInfo& field : info) {
    properties.add(field.name, json_schema(field, side));
    if (!field.optional) required.push_back(field.name);
  }
  schema.text("type", "object").add("properties", properties.done());
  if (!required.empty()) schema.add("required", json::array_of_texts(required));
}

void add_value(Members& schema, const FieldInfo& field, SchemaSide side) {
  switch (field.kind) {
    case FieldKind::text:
      return add_text(schema, field.rule);
    case FieldKind::integer:
      return add_integer(schema, field.rule);
    case FieldKind::boolean:
      schema.text("type", "boolean");
      return;
    case FieldKind::money:
      return add_money(schema, field.rule, side);
    case FieldKind::time:
      schema.text("type", "string").text("format", "date-time");
      return;
    case FieldKind::json:  // Any value at all.
      return;
    case FieldKind::name:
      return add_name(schema, field.names());
    case FieldKind::record:
      return add_record(schema, field.record(), side);
    case FieldKind::record_list:
      schema.text("type", "array").add("items", json_schema(field.record(), side));
      return;
    case FieldKind::text_list:
      schema.text("type", "array").add("items", R"({"type":"string"})");
      return;
  }
}

}  // namespace

std::string json_schema(RecordInfo info, SchemaSide side) {
  Members schema;
  add_record(schema, info, side);
  return schema.done();
}

std::string json_schema(const FieldInfo& field, SchemaSide side) {
  Members schema;
  if (!field.meaning.empty()) schema.text("description", field.meaning);
  add_value(schema, field, side);
  std::string value = schema.done();
  if (side == SchemaSide::written || !field.optional) return value;
  return R"({"anyOf":[)" + value + R"(,{"type":"null"}]})";
}

}  // namespace ticketing
