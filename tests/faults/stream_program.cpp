// A program of two services for tests of a log and who follows it: `auth` publishes (its log is
// the one that every service follows) as many events as it is asked to, of users that are new or
// among as many as one says, `sink` writes down each that it hears: slowly, until it dies, or but
// for one that it cannot take.

#include <poll.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "ticketing/events/events.hpp"
#include "ticketing/runtime/host.hpp"

namespace {

using namespace ticketing;

constexpr int kPauseMs = 10;
const Replica<UserFact> kUsers{"user"};
constexpr std::array<std::string_view, 1> kTables{
    "create table heard (seq integer primary key autoincrement, log_offset integer not null,"
    " event_id text not null)"};

/// Users that change over and over, in turns that are not the order in which they came.
class Crowd {
 public:
  void change(std::size_t size, int count, Context& ctx) {
    for (int i = 0; i < count; ++i) {
      const std::size_t who = users_.size() < size ? users_.size() : next_++ * kStride % size;
      if (who == users_.size()) users_.push_back({ctx.new_id(), -1});
      auto& [id, version] = users_[who];
      const UserFact fact{id, ++version, "someone@example.com", std::nullopt};
      version == 0 ? ctx.publish(UserCreated{fact}) : ctx.publish(UserUpdated{fact});
    }
  }

 private:
  static constexpr std::size_t kStride = 7'919;  ///< A prime.
  std::vector<std::pair<std::string, std::int64_t>> users_;
  std::size_t next_ = 0;
};

void define_source(Service& service) {
  service.post("/events/:count", Access::open, [](Context& ctx) {
    const int count = std::stoi(ctx.param("count"));
    for (int i = 0; i < count; ++i) {
      ctx.publish(UserCreated{{ctx.new_id(), 0, "someone@example.com", std::nullopt}});
    }
    return Response::empty();
  });
  Crowd& crowd = service.keep(std::make_unique<Crowd>());
  service.post("/users/:users/events/:count", Access::open, [&crowd](Context& ctx) {
    crowd.change(std::stoul(ctx.param("users")), std::stoi(ctx.param("count")), ctx);
    return Response::empty();
  });
}

/// Hears one event after the other: handlers run one at a time.
class Ear {
 public:
  explicit Ear(const Settings& settings)
      : pause_every_(settings.number("pause-every")),
        die_at_(settings.number("die-at")),
        fails_at_(settings.number("fails-at")) {}

  void hear(const Envelope& event, Context& ctx) {
    ++heard_;
    if (heard_ == die_at_) std::raise(SIGKILL);
    if (event.offset == fails_at_) throw Error(ErrorCode::unavailable, "cannot take it");
    if (pause_every_ > 0 && heard_ % pause_every_ == 0) ::poll(nullptr, 0, kPauseMs);
    ctx.tx().execute("insert into heard (log_offset, event_id) values (:offset, :id)", event.offset,
                     event.id);
  }

 private:
  std::int64_t pause_every_;
  std::int64_t die_at_;
  std::int64_t fails_at_;
  std::int64_t heard_ = 0;
};

void define_sink(Service& service) {
  service.migrate(kTables);
  service.replicate<UserCreated, UserUpdated>(kUsers);
  Ear& ear = service.keep(std::make_unique<Ear>(service.settings()));
  const auto hear = [&ear](const Envelope& event, Context& ctx) { ear.hear(event, ctx); };
  service.on_event(UserCreated::kPublisher, UserCreated::kSubject, hear);
  if (service.settings().flag("hear-changes")) {
    service.on_event(UserUpdated::kPublisher, UserUpdated::kSubject, hear);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Option> of_sink{
      {"pause-every", OptionKind::number, "0", "events between two pauses of 10 ms; 0: none"},
      {"die-at", OptionKind::number, "0", "the how manieth event it dies of; 0: none"},
      {"hear-changes", OptionKind::flag, "", "hear of users' changes, too"},
      {"fails-at", OptionKind::number, "0", "the offset of an event that it fails for; 0: none"}};
  return run(argc, argv,
             {.name = "test_stream",
              .summary = "a log and who follows it",
              .services = {{"auth", &define_source}, {"sink", &define_sink, of_sink}}});
}
