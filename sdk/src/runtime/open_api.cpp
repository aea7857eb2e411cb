#include "ticketing/runtime/open_api.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "core/json_members.hpp"
#include "runtime/open_api_parts.hpp"
#include "runtime/open_api_refusals.hpp"
#include "ticketing/core/json_schema.hpp"

namespace ticketing {
namespace {

using json::Members;
using Route = Service::RouteEntry;

constexpr std::string_view kErrors =
    R"({"type":"object","required":["errors"],"properties":{"errors":{"type":"array",)"
    R"("minItems":1,"maxItems":32,"items":{"type":"object","required":["message","code"],)"
    R"("properties":{"message":{"type":"string"},"code":{"type":"string"},"field":)"
    R"({"type":"string","description":"only when one field is to blame"}}}}}})";
constexpr std::string_view kHeaders =
    R"({"X-Request-Id":{"description":"The name by which the server's log speaks of it.",)"
    R"("required":true,"schema":{"type":"string"}},)"
    R"("Retry-After":{"description":"Seconds.","required":true,"schema":{"type":"string"}},)"
    R"("Idempotent-Replayed":{"description":"This is the first answer again.",)"
    R"("schema":{"const":"true"}}})";
constexpr std::string_view kSecuritySchemes =
    R"({"bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},)"
    R"("cookie":{"type":"apiKey","in":"cookie","name":"session"}})";

Error mismatch(const std::string& message) { return {ErrorCode::invalid, message, "undescribed"}; }

class Document {
 public:
  Document(const HttpDocs& docs, std::span<const Service* const> services) : docs_(docs) {
    for (const Service* service : services) {
      for (const Route& route : service->definition().routes) add(*service, route);
    }
    for (const RouteDoc& doc : docs.routes) {
      const bool used = std::find(described_.begin(), described_.end(), &doc) != described_.end();
      if (!used) throw mismatch("there is no such route: " + name_of(doc.method, doc.pattern));
    }
  }

  std::string json() const {
    Members paths;
    for (const auto& [path, operations] : paths_) paths.add(path, operations.done());
    Members info;
    info.text("title", docs_.info.title).text("version", docs_.info.version);
    info.text("description", docs_.info.description);
    return Members{}
        .text("openapi", "3.1.0")
        .add("info", info.done())
        .add("servers", '[' + Members{}.text("url", docs_.info.server).done() + ']')
        .add("tags", '[' + tags_ + ']')
        .add("paths", paths.done())
        .add("components", components())
        .done();
  }

 private:
  static std::string name_of(std::string_view method, std::string_view pattern) {
    return std::string{method} + ' ' + std::string{pattern};
  }

  const RouteDoc& doc_of(const Route& route) {
    const auto doc = std::find_if(docs_.routes.begin(), docs_.routes.end(), [&](const auto& one) {
      return one.method == route.method && one.pattern == route.pattern;
    });
    const std::string name = name_of(route.method, route.pattern);
    if (doc == docs_.routes.end()) throw mismatch("nothing is said about " + name);
    described_.push_back(&*doc);
    return *doc;
  }

  void add(const Service& service, const Route& route) {
    const RouteDoc& doc = doc_of(route);
    add_tag(service.name());
    add_schema(doc.answer);
    Members operation;
    operation.text("operationId", doc.id).text("summary", doc.summary);
    operation.add("tags", "[\"" + service.name() + "\"]").add("security", runtime::security(route));
    operation.add("parameters", runtime::parameters(route, doc));
    if (route.body.parse) operation.add("requestBody", runtime::request_body(route));
    operation.add("responses", runtime::responses(route, doc, refusals_of(route, doc)));
    std::string method = route.method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    paths_[runtime::path_of(route.pattern).text].add(method, operation.done());
  }

  std::vector<RefusalDoc> refusals_of(const Route& route, const RouteDoc& doc) const {
    std::vector<RefusalDoc> refusals = runtime::refusals_of(route, doc);
    for (const std::string_view code : doc.refusals) {
      const std::size_t before = refusals.size();
      const auto take = [&](const RefusalDoc& one) { return one.code == code; };
      std::copy_if(docs_.refusals.begin(), docs_.refusals.end(), std::back_inserter(refusals),
                   take);
      const auto common = common_refusals();
      if (refusals.size() == before) {
        std::copy_if(common.begin(), common.end(), std::back_inserter(refusals), take);
      }
      if (refusals.size() == before) throw mismatch("no such code: " + std::string{code});
    }
    return refusals;
  }

  void add_tag(const std::string& service) {
    const std::string tag = Members{}.text("name", service).done();
    if (tags_.find(tag) != std::string::npos) return;
    tags_ += (tags_.empty() ? "" : ",") + tag;
  }

  void add_schema(const AnswerDoc& answer) {
    if (answer.record.empty()) return;
    const std::string schema = json_schema(answer.record, SchemaSide::written);
    const auto& known = schemas_.emplace(answer.name, schema).first->second;
    if (known != schema) throw mismatch("two answers are called " + std::string{answer.name});
  }

  std::string components() const {
    Members schemas;
    schemas.add("Errors", kErrors);
    for (const auto& [name, schema] : schemas_) schemas.add(name, schema);
    return Members{}
        .add("schemas", schemas.done())
        .add("headers", kHeaders)
        .add("responses", runtime::common_responses())
        .add("securitySchemes", kSecuritySchemes)
        .done();
  }

  const HttpDocs& docs_;
  std::map<std::string, Members> paths_;
  std::map<std::string_view, std::string> schemas_;
  std::vector<const RouteDoc*> described_;
  std::string tags_;
};

}  // namespace

std::string open_api(const HttpDocs& docs, std::span<const Service* const> services) {
  return Document{docs, services}.json();
}

}  // namespace ticketing
