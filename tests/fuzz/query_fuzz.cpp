// Lines of a query, a page, a route and a condition. The lines of the input are: the query, the id
// that ends the page, the path, and If-Match.

#include "fuzz/target.hpp"
#include "http/text.hpp"
#include "ticketing/http/page.hpp"
#include "ticketing/http/router.hpp"
#include "tickets/if_match.hpp"

namespace ticketing::fuzz {
namespace {

struct Element {
  std::string id;
  static constexpr std::array kFields{field<&Element::id>("id")};
};

/// The request that a client makes which follows the answer's link.
Request followed(const Response& response) {
  TICKETING_ASSERT(response.headers.size() == 1 && response.headers[0].first == "Link");
  std::string_view link = response.headers[0].second;
  constexpr std::string_view kStart = "</api/tickets?";
  constexpr std::string_view kEnd = ">; rel=\"next\"";
  TICKETING_ASSERT(link.starts_with(kStart) && link.ends_with(kEnd));
  link = link.substr(kStart.size(), link.size() - kStart.size() - kEnd.size());
  TICKETING_ASSERT(link.find_first_of("<> \r\n\"") == link.npos);
  Request request;
  request.query = http::parse_query(link);
  return request;
}

/// The parameters that are the caller's own, in order.
auto own_parameters(const Request& request) {
  auto query = request.query;
  std::erase_if(query, [](const auto& p) { return p.first == "limit" || p.first == "after"; });
  return query;
}

void check_page(const std::string& query, const std::string& id) {
  Request request;
  request.path = "/api/tickets";
  request.query = http::parse_query(query);
  PageQuery page;
  if (const auto error = error_of([&] { page = read_page(request); })) {
    TICKETING_ASSERT(error->code() == ErrorCode::invalid && error->fields()[0].field == "limit");
    return;
  }
  TICKETING_ASSERT(page.limit >= 1 && page.limit <= PageQuery::kLimitMax);
  if (page.limit > 8) page.limit = 8;
  std::vector<Element> found(static_cast<std::size_t>(page.fetch_count()), Element{id});
  const Request next = followed(page_response(request, page, found));
  const PageQuery after = read_page(next);
  TICKETING_ASSERT(after.limit == page.limit && after.after == id);
  TICKETING_ASSERT(own_parameters(next) == own_parameters(request));
  found.pop_back();
  TICKETING_ASSERT(page_response(request, page, found).headers.empty());
}

Router sample_router() {
  Router router;
  router.add("GET", "/api/orders", 0);
  router.add("GET", "/api/orders/:id", 1);
  router.add("GET", "/api/orders/mine", 2);
  router.add("GET", "/api/:kind/:id/events", 3);
  return router;
}

void check_route(const std::string& path) {
  static const Router router = sample_router();
  Request request;
  request.method = "GET";
  request.path = path;
  const auto match = router.find(request);
  if (!match) return;
  std::string filled{match->pattern};
  for (const auto& [name, value] : request.params) {
    TICKETING_ASSERT(!value.empty() && value.find('/') == value.npos);
    filled.replace(filled.find(':' + name), name.size() + 1, value);
  }
  TICKETING_ASSERT(filled == path);
  TICKETING_ASSERT(path != "/api/orders/mine" || match->route == 2);
}

void check_condition(const std::string& header) {
  std::optional<tickets::IfMatch> condition;
  if (const auto error = error_of([&] { condition.emplace(header); })) {
    TICKETING_ASSERT(error->code() == ErrorCode::invalid);
    return;
  }
  const bool any = http::trimmed(header) == "*";
  for (const std::int64_t version : {0, 3, 10}) {
    const bool named = header.find(tickets::etag(version)) != header.npos;
    TICKETING_ASSERT(any || named || !condition->accepts(version));
    TICKETING_ASSERT(!any || condition->accepts(version));
    const tickets::IfMatch longer{any ? header : header + ", " + tickets::etag(version)};
    TICKETING_ASSERT(longer.accepts(version));
  }
}

}  // namespace

void check(std::string_view input) {
  const std::string query{take_until(input, '\n')};
  const std::string id{take_until(input, '\n')};
  check_page(query, is_utf8(id) ? id : "id");
  check_route(std::string{take_until(input, '\n')});
  check_condition(std::string{input});
}

}  // namespace ticketing::fuzz
