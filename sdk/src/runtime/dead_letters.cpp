#include "runtime/dead_letters.hpp"

#include <algorithm>
#include <charconv>
#include <future>

#include "http/text.hpp"
#include "ticketing/http/page.hpp"

namespace ticketing::runtime {

namespace {

constexpr int kUnsupportedMediaType = 415;

struct Place {
  std::string service;
  std::string log;
  std::int64_t offset = 0;
};

std::optional<std::int64_t> offset_in(std::string_view text) {
  std::int64_t offset = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), offset);
  const bool whole = failure == std::errc{} && end == text.data() + text.size();
  return whole && offset >= 1 ? std::optional{offset} : std::nullopt;
}

/// `SERVICE/LOG/OFFSET`, the last one of the page before. It need not be there any more.
Place place_after(const PageQuery& page) {
  if (!page.after) return {};
  std::string_view rest = *page.after;
  Place place;
  place.service = http::take_until(rest, '/');
  place.log = http::take_until(rest, '/');
  const auto offset = offset_in(rest);
  if (!offset) throw bad_parameter("after", "after must be the id of an element of this list");
  place.offset = *offset;
  return place;
}

std::string wanted_state(const Request& request) {
  const std::string state{request.query_value("state").value_or("")};
  const auto& states = kDeadLetterStates;
  if (!state.empty() && std::find(states.begin(), states.end(), state) == states.end()) {
    throw bad_parameter("state", "state must be retry, behind or dead");
  }
  return state;
}

/// Reasons and undecodable events may hold any bytes; JSON may not.
std::string as_utf8(std::string text) {
  if (is_utf8(text)) return text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

DeadLetterAnswer answer_of(const std::string& service, DeadLetter letter) {
  DeadLetterAnswer answer;
  answer.id = service + '/' + letter.log + '/' + std::to_string(letter.offset);
  answer.service = service;
  answer.log = std::move(letter.log);
  answer.offset = letter.offset;
  answer.state = std::move(letter.state);
  answer.attempts = letter.attempts;
  answer.subject = std::move(letter.subject);
  answer.aggregate_id = std::move(letter.aggregate_id);
  answer.reason = as_utf8(std::move(letter.reason));
  answer.due = letter.due;
  return answer;
}

void add_event(DeadLetterAnswer& answer, std::string envelope) {
  try {
    answer.event = JsonText{encode(decode_envelope(envelope))};
  } catch (const Error&) {  // This is why it is a dead letter.
    answer.undecodable = as_utf8(std::move(envelope));
  }
}

Error not_found() { return {ErrorCode::not_found, "Not Found"}; }

}  // namespace

DeadLetterRoutes::DeadLetterRoutes(const std::vector<std::unique_ptr<Unit>>& units) {
  for (const auto& unit : units) units_.push_back(unit.get());
  std::sort(units_.begin(), units_.end(),
            [](const Unit* a, const Unit* b) { return a->service().name() < b->service().name(); });
  add("GET", "/deadletters", &DeadLetterRoutes::list);
  add("GET", "/deadletters/:service/:log/:offset", &DeadLetterRoutes::show);
  add("POST", "/deadletters/:service/:log/:offset/redrive", &DeadLetterRoutes::redrive);
  add("POST", "/deadletters/:service/:log/:offset/skip", &DeadLetterRoutes::skip);
}

void DeadLetterRoutes::add(std::string method, std::string_view pattern, Run run) {
  router_.add(std::move(method), pattern, runs_.size());
  runs_.push_back(run);
}

Response DeadLetterRoutes::answer(Request& request) const {
  const auto match = router_.find(request);
  if (!match) throw not_found();
  return (this->*runs_[match->route])(request);
}

Response DeadLetterRoutes::list(const Request& request) const {
  const PageQuery page = read_page(request);
  const Place after = place_after(page);
  const auto service = request.query_value("service");
  DeadLetterQuery query;
  query.state = wanted_state(request);
  std::vector<DeadLetterAnswer> found;
  for (const Unit* unit : units_) {
    const std::string& name = unit->service().name();
    if (name < after.service || (service && *service != name)) continue;
    const bool goes_on = name == after.service;
    query.after_log = goes_on ? after.log : "";
    query.after_offset = goes_on ? after.offset : 0;
    query.count_max = page.fetch_count() - std::ssize(found);
    unit->database().read([&](Transaction& tx) {
      for (DeadLetter& one : Inbox::list(tx, query)) {
        found.push_back(answer_of(name, std::move(one)));
      }
    });
  }
  return page_response(request, page, std::move(found));
}

Unit& DeadLetterRoutes::unit_of(const Request& request) const {
  const std::string& name = request.params.at("service");
  for (Unit* unit : units_) {
    if (unit->service().name() == name) return *unit;
  }
  throw not_found();
}

Response DeadLetterRoutes::show(const Request& request) const {
  const Unit& unit = unit_of(request);
  const auto offset = offset_in(request.params.at("offset"));
  if (!offset) throw not_found();
  std::optional<DeadLetter> letter;
  unit.database().read(
      [&](Transaction& tx) { letter = Inbox::find(tx, request.params.at("log"), *offset); });
  if (!letter) throw not_found();
  std::string envelope = std::move(letter->envelope);
  DeadLetterAnswer answer = answer_of(unit.service().name(), std::move(*letter));
  add_event(answer, std::move(envelope));
  return Response::json(200, to_json(answer));
}

Response DeadLetterRoutes::redrive(const Request& request) const {
  return change_letter(request, &Engine::redrive);
}

Response DeadLetterRoutes::skip(const Request& request) const {
  return change_letter(request, &Engine::skip);
}

/// There are no credentials here, only the loopback, which pages in a browser share. Those say
/// where they come from when they POST, and cannot say that they send JSON without asking first.
Response DeadLetterRoutes::change_letter(const Request& request, Change change) const {
  if (request.header("Origin")) throw Error(ErrorCode::unauthorized, "Not authorized");
  if (!http::is_json_type(request.header("Content-Type").value_or(""))) {
    return error_response(kUnsupportedMediaType, "Send Content-Type: application/json", kNotJson);
  }
  Engine& engine = unit_of(request).engine();
  const auto offset = offset_in(request.params.at("offset"));
  if (!offset) throw not_found();
  std::promise<bool> durable;
  (engine.*change)(request.params.at("log"), *offset,
                   [&](const std::exception_ptr& failure, bool found) {
                     failure ? durable.set_exception(failure) : durable.set_value(found);
                   });
  if (!durable.get_future().get()) throw not_found();
  return Response::empty();
}

}  // namespace ticketing::runtime
