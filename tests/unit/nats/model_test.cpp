// The simulated NATS server answers as a real one does: the same script, played on both.

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <mutex>

#include "nats/api.hpp"
#include "nats/connection.hpp"
#include "nats_testing/simulated_server.hpp"
#include "support/eventually.hpp"
#include "support/nats_server.hpp"

namespace ticketing::test {
namespace {

namespace api = nats_driver::api;
using nats_driver::Connection;
using nats_driver::Headers;
using nats_driver::Message;
using testing::SeededRandom;

constexpr const char* kStream = "THINGS";
constexpr const char* kDurable = "worker";
constexpr std::array<const char*, 3> kSubjects{"things.a", "things.a", "things.b"};

/// What came, in words; with what has to be said to acknowledge it.
struct Heard {
  std::string what;
  std::string acknowledge;
};

std::string in_words(const Message& message) {
  if (message.status() != 0) return "status " + std::to_string(message.status());
  std::string text{message.subject()};
  for (const char* name : {"Nats-Msg-Id", "colour"}) {
    if (const auto value = message.header(name)) text.append(1, ' ').append(*value);
  }
  return text.append(1, ' ').append(message.body());
}

/// A client of one server or the other.
class Client {
 public:
  using Run = std::function<void(const std::function<bool()>& holds)>;

  /// `run` lets time pass until something holds.
  Client(std::shared_ptr<Connection> connection, Run run)
      : connection_(std::move(connection)),
        run_(std::move(run)),
        answers_(connection_->subscribe("answers." + connection_->inbox(), [this](Message message) {
          const std::lock_guard guard{mutex_};
          heard_.push_back({in_words(message), message.reply()});
          bodies_.emplace_back(message.body());
        })) {}

  void send(const std::string& subject, const std::string& body, const Headers& headers = {}) {
    connection_->send(subject, "answers." + connection_->inbox(), body, headers);
  }
  void say(const std::string& subject) { connection_->send(subject, {}, {}); }
  Heard next() {
    run_([this] {
      const std::lock_guard guard{mutex_};
      return !heard_.empty();
    });
    const std::lock_guard guard{mutex_};
    Heard first = heard_.empty() ? Heard{"nothing", {}} : heard_.front();
    if (heard_.empty()) return first;
    heard_.pop_front();
    body_ = bodies_.front();
    bodies_.pop_front();
    return first;
  }
  /// Of the last next().
  const std::string& body() const { return body_; }

 private:
  std::shared_ptr<Connection> connection_;
  Run run_;
  std::mutex mutex_;
  std::deque<Heard> heard_;
  std::deque<std::string> bodies_;
  std::string body_;
  std::unique_ptr<Connection::Interest> answers_;
};

/// Plays on `client` what `seed` chooses; what it hears, a line for each thing done.
class Script {
 public:
  Script(Client& client, std::uint64_t seed) : client_(client), random_(seed) {}

  std::vector<std::string> play(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (i == kWithoutStream) {
        lines_.push_back(make_stream());
        lines_.push_back(make_durable());
      }
      constexpr std::array kActions{
          &Script::ask_stream,   &Script::make_stream,  &Script::publish,    &Script::publish,
          &Script::publish,      &Script::publish,      &Script::ask_stored, &Script::ask_durable,
          &Script::make_durable, &Script::drop_durable, &Script::pull,       &Script::pull};
      lines_.push_back((this->*kActions.at(random_.below(kActions.size())))());
    }
    return lines_;
  }

 private:
  static constexpr int kWithoutStream = 4;

  static std::string failure(const std::optional<api::Failure>& error) {
    return error ? "error " + std::to_string(error->err_code) : "";
  }
  void ask(const std::string& what, const std::string& body) {
    client_.send("$JS.API." + what, body);
    static_cast<void>(client_.next());
  }
  std::string stream() const {
    const auto answer = from_json<api::StreamAnswer>(client_.body());
    if (answer.error) return failure(answer.error);
    return std::to_string(answer.state->messages) + " messages, last " +
           std::to_string(answer.state->last_seq);
  }
  std::string durable() const {
    const auto answer = from_json<api::ConsumerAnswer>(client_.body());
    if (answer.error) return failure(answer.error);
    return answer.config ? "durable " + answer.config->durable_name : "no durable any more";
  }

  std::string ask_stream() {
    ask(std::string{"STREAM.INFO."} + kStream, {});
    return "stream: " + stream();
  }
  std::string make_stream() {
    api::StreamConfig config;
    config.name = kStream;
    config.subjects = {"things.>"};
    config.duplicate_window = 60'000'000'000;
    ask(std::string{"STREAM.CREATE."} + kStream, to_json(config));
    has_stream_ = true;
    return "make stream: " + stream();
  }
  std::string publish() {
    Headers headers{{"colour", "red"}};
    const std::string body = std::to_string(++published_);
    // Half of them where the stream is believed to end; some ids come again, but not where both are
    // wrong: versions differ in what they look at first.
    const std::uint64_t off = random_.chance(150) ? 1 + random_.below(2) : 0;
    if (off > 0 || random_.chance(500)) {
      const auto end = end_ + static_cast<std::int64_t>(off);
      headers.emplace_back("Nats-Expected-Last-Sequence", std::to_string(end));
    }
    if (off == 0 && random_.chance(500)) {
      headers.emplace_back("Nats-Msg-Id", "id" + std::to_string(random_.below(20)));
    }
    client_.send(kSubjects.at(random_.below(kSubjects.size())), body, headers);
    const Heard heard = client_.next();
    if (heard.what.starts_with("status")) return "publish: " + heard.what;
    const auto said = from_json<api::Acknowledgement>(client_.body());
    if (said.error) return "publish: " + failure(said.error);
    end_ = std::max(end_, *said.seq);
    return "publish: " + std::to_string(*said.seq);
  }
  std::string ask_stored() {
    if (!has_stream_) return "reads nothing from no stream";  // Versions answer differently.
    const auto sequence = 1 + random_.below(static_cast<std::uint64_t>(end_) + 2);
    client_.send(std::string{"$JS.API.DIRECT.GET."} + kStream,
                 R"({"seq":)" + std::to_string(sequence) + '}');
    const Heard heard = client_.next();
    return "stored: " + heard.what.substr(heard.what.find(' ') + 1);  // Without the inbox.
  }
  std::string ask_durable() {
    ask(std::string{"CONSUMER.INFO."} + kStream + '.' + kDurable, {});
    return "durable: " + durable();
  }
  std::string make_durable() {
    api::ConsumerRequest request;
    request.stream_name = kStream;
    request.config.durable_name = kDurable;
    request.config.ack_wait = 60'000'000'000;
    request.config.max_ack_pending = 1'000;
    request.config.filter_subject = "things.a";
    ask(std::string{"CONSUMER.DURABLE.CREATE."} + kStream + '.' + kDurable, to_json(request));
    has_durable_ = has_stream_;
    return "make durable: " + durable();
  }
  std::string drop_durable() {
    if (random_.chance(700)) return "leaves the durable alone";
    ask(std::string{"CONSUMER.DELETE."} + kStream + '.' + kDurable, {});
    has_durable_ = false;
    return "drop durable: " + durable();
  }
  /// Until the pull is over: it was served, or there was nothing more.
  std::string pull() {
    if (!has_durable_) return "pulls from no durable";  // Versions answer differently.
    const auto batch = 1 + random_.below(3);
    client_.send(std::string{"$JS.API.CONSUMER.MSG.NEXT."} + kStream + '.' + kDurable,
                 R"({"batch":)" + std::to_string(batch) + R"(,"expires":50000000})");
    std::string line = "pull:";
    for (std::uint64_t i = 0; i < batch; ++i) {
      const Heard heard = client_.next();
      line += " [" + heard.what + ']';
      if (heard.acknowledge.empty()) break;
      client_.say(heard.acknowledge);
    }
    return line;
  }

  Client& client_;
  SeededRandom random_;
  std::vector<std::string> lines_;
  bool has_stream_ = false;
  bool has_durable_ = false;
  std::int64_t end_ = 0;
  int published_ = 0;
};

std::vector<std::string> play_on_real(const NatsServer& server, std::uint64_t seed, int steps) {
  server.ask(std::string{"STREAM.DELETE."} + kStream);
  const auto url = nats_driver::ServerUrl::parse(server.url());
  Client client{nats_driver::open_connection(url, [] {}),
                [](const auto& holds) { EXPECT_TRUE(eventually(holds)); }};
  return Script{client, seed}.play(steps);
}

/// A clock that is the scheduler's.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(const testing::Scheduler& scheduler) : scheduler_(scheduler) {}
  Timestamp now() const override { return {}; }
  std::chrono::nanoseconds monotonic() const override { return scheduler_.now(); }

 private:
  const testing::Scheduler& scheduler_;
};

std::vector<std::string> play_on_model(std::uint64_t seed, int steps) {
  testing::Scheduler scheduler;
  const SimulatedClock clock{scheduler};
  const testing::NetworkFaults faults;
  testing::SimulatedServer server{{.scheduler = scheduler,
                                   .clock = clock,
                                   .seed = seed,
                                   .faults = faults,
                                   .fail = [](const testing::Broken&) {},
                                   .mark = [](std::string_view) {},
                                   .note = {}},
                                  {.out_of_turn = 0, .twice = 0, .unacknowledged = 0}};
  Client client{server.connect("client", [] {}), [&](const auto& holds) {
                  while (!holds() && scheduler.step()) {
                  }
                }};
  return Script{client, seed}.play(steps);
}

TEST(SimulatedNatsServer, answers_as_the_real_one_does) {
  constexpr int kSteps = 120;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const auto real = play_on_real(nats_server(), seed, kSteps);
    const auto model = play_on_model(seed, kSteps);
    ASSERT_EQ(model.size(), real.size());
    std::string before;
    for (std::size_t i = 0; i < real.size(); ++i) {
      ASSERT_EQ(model[i], real[i]) << "seed " << seed << ", after:\n" << before;
      before += real[i] + '\n';
    }
  }
}

}  // namespace
}  // namespace ticketing::test
