#include "ticketing/runtime/service.hpp"

#include "http/text.hpp"

namespace ticketing {

void Service::read(const Database::Read& read) const {
  TICKETING_ASSERT(database_ != nullptr);
  database_->read(read);
}

void Service::read_request_body(RecordInfo info, void* body, const Request& request) {
  if (!http::is_json_type(request.header("Content-Type").value_or(""))) {
    throw Error(ErrorCode::invalid, "The body must be JSON: send Content-Type: application/json",
                std::string{kNotJson});
  }
  read_json(info, body, request.body);
}

void Service::add_route(std::string method, std::string pattern, Access access, BodyEntry body,
                        RouteOnBody run, Repeat repeat) {
  definition_.routes.push_back(
      {std::move(method), std::move(pattern), access, body, std::move(run), repeat});
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
