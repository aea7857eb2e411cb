#include "nats/log_server.hpp"

#include <algorithm>

#include "nats/frames.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr int kQuestionsWaitingMax = 256;

wire::FetchAnswer too_large(const std::string& question, std::size_t size, std::size_t size_max) {
  wire::FetchAnswer answer;
  answer.number = wire::decode_fetch_request(question).number;
  answer.error = std::string{policy_of(ErrorCode::refused).word} + " an event makes an answer of " +
                 std::to_string(size) + " bytes, and the NATS server takes " +
                 std::to_string(size_max) + "; raise its max_payload";
  return answer;
}

}  // namespace

void LogServer::host(HostedLog log) {
  std::string name = log.name;
  logs_.emplace(std::move(name), std::move(log));
}

void LogServer::read(const std::string& log, LogQuery query,
                     std::function<void(const LogPage* page)> done) {
  run_([this, log, query = std::move(query), done = std::move(done)] {
    try {
      const LogPage page = logs_.at(log).read(query);
      told_.erase(log);
      done(&page);
    } catch (const Error& error) {
      std::string& told = told_[log];
      if (std::exchange(told, error.what()) != told) {
        logger_.warning("a log cannot be read", {{"log", log}, {"reason", error.what()}});
      }
      done(nullptr);
    }
  });
}

void LogServer::answer(std::shared_ptr<Connection> connection, Message question) {
  if (questions_waiting_ >= kQuestionsWaitingMax) return;
  ++questions_waiting_;
  const auto asked = std::make_shared<Message>(std::move(question));
  run_([this, connection = std::move(connection), asked] {
    --questions_waiting_;
    answer_now(*connection, *asked);
  });
}

void LogServer::answer_now(Connection& connection, const Message& question) {
  const std::string line{question.body()};
  // A log passes what it is asked for by one event at most; half leaves room for that, and for the
  // offsets. Where it does not, the events are large: then one by one.
  const std::size_t half = connection.payload_max() / 2;
  std::size_t size = 0;
  for (const std::size_t bytes_max : {half, std::size_t{0}}) {
    const wire::Frames frames = answer_fetch(logs_, line, logger_, Speaker::itself, bytes_max);
    if (frames.empty() || question.reply().empty()) return;
    const std::string packed = pack(frames);
    if (connection.send(question.reply(), {}, packed) != Sent::too_large) return;
    size = packed.size();
  }
  const wire::FetchAnswer refusal = too_large(line, size, connection.payload_max());
  logger_.error("cannot answer a fetch", {{"reason", refusal.error}});
  connection.send(question.reply(), {}, pack(wire::encode(refusal)));
}

}  // namespace ticketing::nats_driver
