// The part of NatsBus that has to do with the connection.

#include <algorithm>
#include <utility>

#include "nats/nats_bus.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kPauseMax{2'000};
constexpr const char* kGroup = "ticketing";

/// The part of `subject` behind the last dot.
std::string_view last_token(std::string_view subject) {
  return subject.substr(subject.rfind('.') + 1);
}

}  // namespace

void NatsBus::connect() {
  is_connecting_ = true;
  run_job_([this, attempt = ++attempt_] {
    const auto lost = [this, attempt] { commands_.post([this, attempt] { on_lost(attempt); }); };
    try {
      auto made = open_(lost);
      commands_.post([this, made] { on_connected(made); });
    } catch (const Error& error) {
      commands_.post([this, error] { on_refused(error); });
    }
  });
}

void NatsBus::on_refused(const Error& error) {
  is_connecting_ = false;
  pause_ = std::clamp(2 * pause_, kFirstPause, kPauseMax);
  connect_at_ = wiring_.clock.monotonic() + pause_;
  no_connection_ = error.what();
  if (std::exchange(told_, no_connection_) == no_connection_) return;
  logger_.warning("events wait for NATS", {{"reason", no_connection_}});
}

void NatsBus::on_connected(std::shared_ptr<Connection> connection) {
  is_connecting_ = false;
  wiring_.connection = std::move(connection);
  no_connection_.clear();
  pause_ = {};
  if (!std::exchange(told_, {}).empty()) {
    logger_.info("connected to NATS", {{"server", wiring_.url.shown()}});
  }
  for (const char* kind : {".call.>", ".ack.>"}) {
    interests_.push_back(
        wiring_.connection->subscribe(wiring_.connection->inbox() + kind, [this](Message message) {
          commands_.post([this, moved = std::move(message)] { on_inbox(moved); });
        }));
  }
  for (const auto& [name, publisher] : publishers_) hear(*publisher);
  for (const auto& [name, publisher] : publishers_) publisher->on_connected();
  for (const auto& follower : followers_) follower->on_connected();
  // Its end was told before it was known here.
  if (wiring_.connection->is_closed()) on_lost(attempt_);
}

/// What others ask of a log that is hosted here.
void NatsBus::hear(LogPublisher& publisher) {
  const auto answer = [this](Message message) {
    commands_.post([this, moved = std::move(message)]() mutable {
      if (wiring_.connection) logs_.answer(wiring_.connection, std::move(moved));
    });
  };
  const auto join = [this, target = &publisher](const Message& message) {
    commands_.post([target, reply = message.reply()] { target->on_join(reply); });
  };
  Connection& connection = *wiring_.connection;
  const LogNames& names = publisher.names();
  const std::string& id = publisher.log_id();
  interests_.push_back(connection.subscribe(names.fetch_of(id), answer, kGroup));
  interests_.push_back(connection.subscribe(names.report, answer));
  interests_.push_back(connection.subscribe(names.join, join));
  interests_.push_back(connection.subscribe(names.join_of(id), join));
}

void NatsBus::on_lost(std::uint64_t attempt) {
  if (attempt != attempt_ || !wiring_.connection) return;
  no_connection_ = "the connection to NATS is lost: " + wiring_.connection->lost_because();
  told_ = no_connection_;
  logger_.warning("events wait for NATS", {{"reason", no_connection_}});
  interests_.clear();
  for (const auto& [name, publisher] : publishers_) publisher->on_lost();
  for (const auto& follower : followers_) follower->on_lost();
  wiring_.connection.reset();
  wiring_.calls.give_up_all();
  connect_at_ = wiring_.clock.monotonic();
}

void NatsBus::on_inbox(const Message& message) {
  if (!wiring_.connection) return;
  std::string_view rest = message.subject().substr(wiring_.connection->inbox().size() + 1);
  const std::string_view number = last_token(rest);
  try {
    if (rest.starts_with("call.")) return wiring_.calls.on_answer(number, message);
    if (!rest.starts_with("ack.")) return;
    rest.remove_prefix(std::string_view{"ack."}.size());
    const std::string_view of = rest.substr(0, rest.find('.'));
    for (const auto& [name, publisher] : publishers_) {
      if (publisher->ack_token() == of) publisher->on_acknowledged(number, message);
    }
  } catch (const Error& error) {
    logger_.warning("dropped a message from the bus", {{"reason", error.what()}});
  }
}

}  // namespace ticketing::nats_driver
