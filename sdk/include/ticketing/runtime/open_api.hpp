#pragma once
// Generated reference of HTTP APIs: an OpenAPI 3.1 document of services' routes.
//
// Methods, paths, credentials and bodies come from the routes themselves. What a function's type
// does not tell (its answer, its refusals) is said beside them in a table of RouteDocs, and a route
// without one is an error. What holds for all routes (limits, a failure inside, bad fields, 401)
// nobody has to say.
//
// Pure functions: any thread. Throws Error(invalid) when routes and table do not match.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/events/async_api.hpp"
#include "ticketing/runtime/service.hpp"

namespace ticketing {

/// One `code` that an answer may carry.
struct RefusalDoc {
  std::string_view code;
  int status = 400;
  std::string_view because;
};

struct ParameterDoc {
  enum class Place { query, header };
  std::string_view name;
  Place place = Place::query;
  std::string_view meaning;
  std::string_view schema = R"({"type":"string"})";
};

struct HeaderDoc {
  std::string_view name;
  std::string_view meaning;
};

/// What a route answers when it does as it was asked.
struct AnswerDoc {
  int status = 200;
  std::string_view name = {};  ///< Of the schema: what generated clients call it.
  RecordInfo record = {};
  bool is_list = false;
  std::string_view schema = {};  ///< Where no record stands for it; then `name` says what it is.
  std::vector<HeaderDoc> headers = {};

  /// 204, and no body.
  static AnswerDoc nothing() { return {204, {}, {}, false, {}, {}}; }
  template <Record T>
  static AnswerDoc one(int status, std::string_view name, std::vector<HeaderDoc> headers = {}) {
    return {status, name, record_of<T>(), false, {}, std::move(headers)};
  }
  template <Record T>
  static AnswerDoc many(std::string_view name, std::vector<HeaderDoc> headers = {}) {
    return {200, name, record_of<T>(), true, {}, std::move(headers)};
  }
};

struct RouteDoc {
  std::string_view method;
  std::string_view pattern;
  std::string_view id;  ///< `operationId`: what generated clients call it.
  std::string_view summary;
  AnswerDoc answer;
  std::vector<std::string_view> refusals = {};  ///< Codes, beyond those of all routes.
  std::vector<ParameterDoc> parameters = {};    ///< Path parameters and keys speak for themselves.
};

/// What the SDK itself refuses with: limits, bad bodies, credentials, overload.
std::span<const RefusalDoc> common_refusals();

/// `refusals` are the codes that the services add to common_refusals().
struct HttpDocs {
  DocumentInfo info;
  std::vector<RouteDoc> routes;
  std::vector<RefusalDoc> refusals;
};
std::string open_api(const HttpDocs& docs, std::span<const Service* const> services);

}  // namespace ticketing
