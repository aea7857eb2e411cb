#include "runtime/open_api_refusals.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace ticketing {
namespace {

constexpr std::string_view kTooMuch = "over 1 MiB";

constexpr std::array kOfAll{
    RefusalDoc{"malformed_request", 400, "it is not HTTP as this server takes it"},
    RefusalDoc{"invalid_host", 400, "there is not exactly one `Host`"},
    RefusalDoc{"invalid_content_length", 400, "`Content-Length` cannot be read"},
    RefusalDoc{"request_timeout", 408, "it took too long to arrive"},
    RefusalDoc{"length_required", 411, "it is chunked"},
    RefusalDoc{"body_too_large", 413, kTooMuch},
    RefusalDoc{"uri_too_long", 414, "the request line is over 8190 bytes"},
    RefusalDoc{"unsupported_encoding", 415, "it is compressed"},
    RefusalDoc{"headers_too_large", 431, "headers over 16 KiB, or over 100 lines"},
    RefusalDoc{"internal", 500, "a failure inside"},
    RefusalDoc{"not_ready", 503, "starting, stopping, or without a log that it follows"},
    RefusalDoc{"overloaded", 503, "too much to do, or no room to wait in"},
    RefusalDoc{"too_many_connections", 503, "there are too many connections"},
    RefusalDoc{"disk_full", 503, "nothing can be stored now"},
    RefusalDoc{"unavailable", 503, "something that it needs cannot be reached"},
};
constexpr std::array kOfBodies{
    RefusalDoc{"malformed_json", 400, "the body is not one JSON object, or nested too deeply"},
    RefusalDoc{"too_large", 400, kTooMuch},
    RefusalDoc{"unsupported_media_type", 415, "the body is not declared as JSON"},
};
constexpr std::array kOfFields{
    RefusalDoc{"required", 400, "the field is missing, or `null`"},
    RefusalDoc{"duplicate", 400, "the field is given more than once"},
    RefusalDoc{"wrong_type", 400, "the field is of another JSON type"},
    RefusalDoc{"unknown_value", 400, "the field is none of the names that are allowed"},
    RefusalDoc{"length", 400, "the field is too short or too long"},
    RefusalDoc{"range", 400, "the field is too small or too large"},
    RefusalDoc{"email", 400, "the field is not an email address"},
    RefusalDoc{"money", 400, "the field is not an amount"},
    RefusalDoc{"time", 400, "the field is not a time"},
};
constexpr RefusalDoc kNoUser{"unauthorized", 401,
                             "no, bad or expired credentials, or someone else's object"};
constexpr RefusalDoc kNotFound{"not_found", 404, "no such object, route, or method on that route"};
constexpr RefusalDoc kBadKey{"idempotency_key", 400,
                             "the key is malformed, or was used with another body"};
constexpr RefusalDoc kBadParameter{"invalid", 400, "the parameter of the query cannot be read"};

void collect_codes(RecordInfo info, std::set<std::string_view>& codes);

/// The codes that the JSON reader can have for a field.
void collect_codes(const FieldInfo& field, std::set<std::string_view>& codes) {
  const Rule& rule = field.rule;
  codes.insert({"required", "duplicate", "wrong_type"});
  if (field.kind == FieldKind::name) codes.insert("unknown_value");
  if (field.kind == FieldKind::money) codes.insert("money");
  if (field.kind == FieldKind::time) codes.insert("time");
  if (rule.email) codes.insert("email");
  if (rule.length_min > 0 || rule.length_max < SIZE_MAX) codes.insert("length");
  const bool counts = field.kind == FieldKind::money || field.kind == FieldKind::integer;
  if (counts) codes.insert("range");  // Of 64 bits, where no rule says less.
  if (field.record) collect_codes(field.record(), codes);
}

void collect_codes(RecordInfo info, std::set<std::string_view>& codes) {
  for (const FieldInfo& field : info) collect_codes(field, codes);
}

void add_of_body(RecordInfo info, std::vector<RefusalDoc>& refusals) {
  refusals.insert(refusals.end(), kOfBodies.begin(), kOfBodies.end());
  std::set<std::string_view> codes;
  collect_codes(info, codes);
  std::copy_if(kOfFields.begin(), kOfFields.end(), std::back_inserter(refusals),
               [&](const RefusalDoc& refusal) { return codes.contains(refusal.code); });
}

bool takes_query(const RouteDoc& doc) {
  return std::any_of(doc.parameters.begin(), doc.parameters.end(), [](const ParameterDoc& one) {
    return one.place == ParameterDoc::Place::query;
  });
}

std::vector<RefusalDoc> all_common() {
  std::vector<RefusalDoc> all(kOfFields.begin(), kOfFields.end());
  all.push_back(kBadParameter);
  all.insert(all.end(), kOfBodies.begin(), kOfBodies.end());
  all.insert(all.end(), {kBadKey, kNoUser, kNotFound});
  all.insert(all.end(), kOfAll.begin(), kOfAll.end());
  return all;
}

}  // namespace

namespace runtime {

std::vector<RefusalDoc> refusals_of_all() { return {kOfAll.begin(), kOfAll.end()}; }

std::vector<RefusalDoc> refusals_of(const Service::RouteEntry& route, const RouteDoc& doc) {
  std::vector<RefusalDoc> refusals = refusals_of_all();
  if (route.body.parse) add_of_body(route.body.info, refusals);
  if (takes_query(doc)) refusals.push_back(kBadParameter);
  if (route.method == "POST") refusals.push_back(kBadKey);
  if (route.access == Access::require_user) refusals.push_back(kNoUser);
  if (route.pattern.find(':') != std::string::npos) refusals.push_back(kNotFound);
  return refusals;
}

}  // namespace runtime

std::span<const RefusalDoc> common_refusals() {
  static const std::vector<RefusalDoc> all = all_common();
  return all;
}

}  // namespace ticketing
