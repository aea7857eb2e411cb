#include "runtime/admin.hpp"

#include <optional>

#include "ticketing/core/json.hpp"

namespace ticketing::runtime {

namespace {

struct SubscriptionView {
  std::string consumer;
  std::string log;
  bool caught_up = false;
  std::int64_t lag = 0;
  std::int64_t applied = 0;
  std::optional<std::string> refusal;
  bool joined = false;

  static constexpr std::array kFields{
      field<&SubscriptionView::consumer>("service"),   field<&SubscriptionView::log>("log"),
      field<&SubscriptionView::caught_up>("caughtUp"), field<&SubscriptionView::lag>("lag"),
      field<&SubscriptionView::applied>("applied"),    field<&SubscriptionView::refusal>("refusal"),
      field<&SubscriptionView::joined>("joined"),
  };
};

struct ReadyView {
  bool ready = false;
  std::vector<SubscriptionView> subscriptions;

  static constexpr std::array kFields{
      field<&ReadyView::ready>("ready"),
      field<&ReadyView::subscriptions>("subscriptions"),
  };
};

Response readiness(const AdminSources& sources) {
  ReadyView view;
  view.ready = sources.ready();
  for (const SubscriptionStatus& status : sources.statuses()) {
    view.subscriptions.push_back({status.consumer, status.log, status.caught_up, status.lag,
                                  status.applied, status.refusal, status.joined});
  }
  return Response::json(view.ready ? 200 : 503, to_json(view));
}

Response answer(const AdminSources& sources, Request& request) {
  if (sources.dead_letters && request.path.starts_with("/deadletters")) {
    return sources.dead_letters(request);
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return error_response(Error(ErrorCode::not_found, "Not Found"));
  }
  if (request.path == "/livez") return Response::json(200, R"({"live":true})");
  if (request.path == "/readyz") return readiness(sources);
  if (request.path == "/version") {
    return Response::json(200, R"({"version":")" + std::string{version()} + R"("})");
  }
  if (request.path == "/metrics") {
    Response page = Response::json(200, sources.metrics());
    page.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return page;
  }
  return error_response(Error(ErrorCode::not_found, "Not Found"));
}

}  // namespace

HttpHandler admin_handler(AdminSources sources) {
  return [sources = std::move(sources)](Request& request, const Attempt&) {
    return HandlerResult{answer(sources, request)};
  };
}

std::string_view version() { return TICKETING_VERSION; }

}  // namespace ticketing::runtime
