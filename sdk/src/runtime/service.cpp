#include "ticketing/runtime/service.hpp"

#include <algorithm>

namespace ticketing {

namespace {

bool is_json(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  std::string lowered{type.substr(0, type.find_last_not_of(" \t") + 1)};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered == "application/json";
}

}  // namespace

void Service::read(const Database::Read& read) const {
  TICKETING_ASSERT(database_ != nullptr);
  database_->read(read);
}

void Service::read_request_body(RecordInfo info, void* body, const Request& request) {
  if (!is_json(request.header("Content-Type").value_or(""))) {
    throw Error(ErrorCode::invalid, "The body must be JSON: send Content-Type: application/json",
                std::string{kNotJson});
  }
  read_json(info, body, request.body);
}

void Service::add_route(std::string method, std::string pattern, Access access, BodyEntry body,
                        RouteOnBody run) {
  definition_.routes.push_back(
      {std::move(method), std::move(pattern), access, body, std::move(run)});
}

void Service::on_event(std::string_view publisher, std::string_view subject, EventHandler handler) {
  EventEntry& entry = definition_.events[std::string{subject}];
  entry.publisher = publisher;
  entry.handlers.push_back(std::move(handler));
}

void Service::replicate_event(std::string_view publisher, std::string_view subject,
                              const ReplicaStore& store) {
  EventEntry& entry = definition_.events[std::string{subject}];
  entry.publisher = publisher;
  entry.replicas.push_back(store);
}

}  // namespace ticketing
