#include "runtime/open_api_parts.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/json_members.hpp"
#include "runtime/open_api_refusals.hpp"
#include "ticketing/core/json_schema.hpp"

namespace ticketing::runtime {
namespace {

using json::Members;
using Route = Service::RouteEntry;
using ByStatus = std::map<int, std::vector<RefusalDoc>>;

constexpr std::string_view kKeyParameter =
    R"({"name":"Idempotency-Key","in":"header","description":"Makes repeating it harmless.",)"
    R"("schema":{"type":"string","minLength":1,"maxLength":255,"pattern":"^[!-~]+$"}})";

std::string reference(std::string_view path) {
  return Members{}.text("$ref", "#/components/" + std::string{path}).done();
}

std::string json_content(std::string_view schema) {
  const std::string media = Members{}.add("schema", schema).done();
  return Members{}.add("application/json", media).done();
}

std::string list_of(std::string_view element) {
  return Members{}.text("type", "array").add("items", element).done();
}

std::string header(const HeaderDoc& doc) {
  return Members{}.text("description", doc.meaning).add("schema", R"({"type":"string"})").done();
}

std::string schema_of(const AnswerDoc& answer) {
  if (!answer.schema.empty()) return std::string{answer.schema};
  const std::string record = reference("schemas/" + std::string{answer.name});
  return answer.is_list ? list_of(record) : record;
}

std::string success(const Route& route, const AnswerDoc& answer) {
  Members headers;
  headers.add("X-Request-Id", reference("headers/X-Request-Id"));
  if (route.method == "POST") {
    headers.add("Idempotent-Replayed", reference("headers/Idempotent-Replayed"));
  }
  for (const HeaderDoc& doc : answer.headers) headers.add(doc.name, header(doc));
  Members response;
  response.text("description", answer.name.empty() ? "Done" : answer.name);
  response.add("headers", headers.done());
  if (!answer.name.empty()) response.add("content", json_content(schema_of(answer)));
  return response.done();
}

/// The shape of all errors, with the codes that come here.
std::string error_schema(const std::vector<RefusalDoc>& refusals) {
  std::vector<std::string_view> codes;
  for (const RefusalDoc& refusal : refusals) codes.push_back(refusal.code);
  const std::string code = Members{}.add("enum", json::array_of_texts(codes)).done();
  const auto nested = [](std::string_view name, std::string_view schema) {
    return Members{}.add("properties", Members{}.add(name, schema).done()).done();
  };
  const std::string items = Members{}.add("items", nested("code", code)).done();
  return Members{}
      .add("allOf", '[' + reference("schemas/Errors") + ',' + nested("errors", items) + ']')
      .done();
}

std::string refusal_response(int status, const std::vector<RefusalDoc>& refusals) {
  std::string description;
  for (const RefusalDoc& refusal : refusals) {
    description += description.empty() ? "" : "; ";
    description.append("`").append(refusal.code).append("`: ").append(refusal.because);
  }
  Members headers;
  headers.add("X-Request-Id", reference("headers/X-Request-Id"));
  if (status == 429 || status == 503) headers.add("Retry-After", reference("headers/Retry-After"));
  return Members{}
      .text("description", description)
      .add("headers", headers.done())
      .add("content", json_content(error_schema(refusals)))
      .done();
}

ByStatus by_status(const std::vector<RefusalDoc>& refusals) {
  ByStatus sorted;
  for (const RefusalDoc& refusal : refusals) sorted[refusal.status].push_back(refusal);
  return sorted;
}

std::string path_parameter(const std::string& name) {
  return Members{}
      .text("name", name)
      .text("in", "path")
      .add("required", "true")
      .add("schema", R"({"type":"string","minLength":1,"maxLength":64})")
      .done();
}

std::string parameter(const ParameterDoc& doc) {
  return Members{}
      .text("name", doc.name)
      .text("in", doc.place == ParameterDoc::Place::query ? "query" : "header")
      .text("description", doc.meaning)
      .add("schema", doc.schema)
      .done();
}

}  // namespace

std::string responses(const Route& route, const RouteDoc& doc,
                      const std::vector<RefusalDoc>& refusals) {
  const ByStatus common = by_status(refusals_of_all());
  Members out;
  out.add(std::to_string(doc.answer.status), success(route, doc.answer));
  for (const auto& [status, here] : by_status(refusals)) {
    const auto everywhere = common.find(status);
    const bool no_more = everywhere != common.end() && everywhere->second.size() == here.size();
    const std::string name = std::to_string(status);
    out.add(name, no_more ? reference("responses/" + name) : refusal_response(status, here));
  }
  return out.done();
}

std::string common_responses() {
  Members out;
  for (const auto& [status, refusals] : by_status(refusals_of_all())) {
    out.add(std::to_string(status), refusal_response(status, refusals));
  }
  return out.done();
}

PathDoc path_of(std::string_view pattern) {
  PathDoc path;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != ':') {
      path.text += pattern[at];
      continue;
    }
    const std::size_t end = std::min(pattern.find('/', at), pattern.size());
    path.names.emplace_back(pattern.substr(at + 1, end - at - 1));
    path.text += '{' + path.names.back() + '}';
    at = end - 1;
  }
  return path;
}

std::string parameters(const Route& route, const RouteDoc& doc) {
  std::string list;
  const auto add = [&](std::string_view one) { (list += list.empty() ? "" : ",") += one; };
  for (const std::string& name : path_of(route.pattern).names) add(path_parameter(name));
  if (route.method == "POST") add(kKeyParameter);
  for (const ParameterDoc& one : doc.parameters) add(parameter(one));
  return '[' + list + ']';
}

std::string request_body(const Route& route) {
  const std::string schema = json_schema(route.body.info, SchemaSide::accepted);
  return Members{}.add("required", "true").add("content", json_content(schema)).done();
}

std::string_view security(const Route& route) {
  return route.access == Access::require_user ? R"([{"bearer":[]},{"cookie":[]}])"
                                              : R"([{},{"bearer":[]},{"cookie":[]}])";
}

}  // namespace ticketing::runtime
