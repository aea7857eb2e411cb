#pragma once
// World: services, their databases, the bus between them, clients and clocks, in one thread.
//
//     testing::World world{{.seed = 7}};
//     world.add("orders", {{"orders", &orders::define, orders::options()}});
//     world.start();
//     world.given(TicketCreated{...});     // by a stand-in for the service that publishes it
//     world.rest();                        // everything that this leads to has happened
//     Response answer = world.call(testing::request("POST", "/api/orders", R"({"ticketId":…})"));
//
// Everything that decides is production's code; only what carries it is simulated: the disk below
// SQLite, the network below the bus, threads and clocks. The same seed gives the same run, in any
// build and on any machine with the same SQLite. Time passes only when nothing else is left to do:
// a world comes to rest exactly, and fifteen minutes of waiting take none.
//
// One thread. Throws Broken when a rule that holds in every world does not: logs without a gap,
// versions one by one, nothing committed lost, replicas that follow their owners, and rest once
// faults are over. Throws Error(invalid) for a name that it does not know.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/events/envelope.hpp"
#include "ticketing/runtime/host.hpp"
#include "ticketing/testing/faults.hpp"

namespace ticketing::testing {

class SeededRandom;
class WorldTransport;
struct WorldTransportMeans;
/// As simulated_nats() of ticketing::nats_testing gives.
using MakeWorldTransport =
    std::function<std::unique_ptr<WorldTransport>(const WorldTransportMeans& means)>;

struct WorldOptions {
  std::uint64_t seed = 1;
  bool keeps_trace = false;  ///< Lines to read; the hash is always kept.
  /// A process that has died starts again after so long; empty: when somebody starts it.
  std::optional<std::chrono::nanoseconds> restart_after = {};
  /// What carries events; empty: a network that behaves like ZeroMQ.
  MakeWorldTransport transport = {};
};

/// A rule does not hold. `ids` are the aggregates concerned, whose trace tells the story.
class Broken : public std::runtime_error {
 public:
  Broken(std::string rule, const std::string& what, std::vector<std::string> ids = {})
      : std::runtime_error(rule + ": " + what), rule_(std::move(rule)), ids_(std::move(ids)) {}
  const std::string& rule() const { return rule_; }
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  std::string rule_;
  std::vector<std::string> ids_;
};

/// A request as from a client; a body is declared as JSON.
Request request(std::string method, const std::string& path, std::string body = {},
                Headers headers = {});

class World {
 public:
  using Duration = std::chrono::nanoseconds;
  /// Empty: the connection broke, and whether the request was carried out is not known.
  using Answer = std::function<void(std::optional<Response>)>;

  explicit World(WorldOptions options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // ---- who is in it ----

  /// A process that hosts `services`, down for now. `settings` override the options' defaults.
  void add(const std::string& process, std::vector<ServiceDefinition> services,
           std::map<std::string, std::string> settings = {});
  /// Starts every process that is down; logs that somebody follows and nobody hosts get a
  /// stand-in, for given().
  void start();
  /// Starts one. False when it could not, for example on a failing disk.
  bool start(const std::string& process);
  /// Like `kill -9`: what was written stays.
  void kill(const std::string& process);
  /// Like a power cut: what was not synced is gone in part.
  void lose_power(const std::string& process);
  bool is_up(const std::string& process) const;
  std::vector<std::string> processes() const;
  std::vector<std::string> services() const;

  // ---- time ----

  Timestamp now() const;
  /// Since the world began; never goes back.
  Duration elapsed() const;
  /// Lets `duration` pass; where nothing happens, it is jumped over.
  void run_for(Duration duration);
  /// Runs until nothing is left to do now: messages and answers have arrived, everybody is up and
  /// caught up, and events whose handlers failed have been tried again. Throws Broken when that
  /// takes longer than `limit`.
  void rest(Duration limit = std::chrono::minutes{2});
  /// Runs until no timer is left that goes off within `limit`, and then rests. Throws as rest().
  void finish(Duration limit = std::chrono::hours{96});
  /// Calls `work` when `pause` has passed: what a client does.
  void after(Duration pause, std::function<void()> work);
  /// For fakes that take time, such as a payment provider, in a task and outside transactions: lets
  /// the rest of the world go on for `duration`, then returns. Throws Error(unavailable) when the
  /// calling process was killed. Of two pauses at once the one that began last ends first.
  void pause(Duration duration);

  // ---- clients ----

  /// Sends `request` to whichever process has a route for it.
  void send(Request request, Answer answer);
  /// Sends it and runs the world until it is answered. Throws Error(unavailable) when it is not.
  Response call(Request request);
  /// `Authorization` of that user, valid for an hour, whether or not anybody signed them up.
  std::pair<std::string, std::string> bearer(const std::string& user_id) const;

  // ---- events and tables ----

  /// Publishes `event` on the stand-in for its publisher.
  template <Event E>
  void given(const E& event) {
    give(E::kPublisher, {E::kSubject, std::string{event.aggregate_id()}, event.aggregate_version(),
                         to_json(event)});
  }
  /// What `service` has committed so far.
  std::vector<Envelope> log(const std::string& service) const;
  /// Reads that service's tables, on a snapshot.
  void read(const std::string& service, const Database::Read& read) const;

  /// Redrives the dead letter at that place, or skips it, as an operator does, and runs the world
  /// until that is durable. False when there is none; Error(unavailable) when it could not be done.
  bool redrive(const std::string& service, const std::string& log, std::int64_t offset);
  bool skip(const std::string& service, const std::string& log, std::int64_t offset);
  /// Redrives all that is dead in the process, as an operator does who has mended it, and does not
  /// wait for it. Nothing happens while the process is down.
  void redrive_all(const std::string& process);

  // ---- faults ----

  NetworkFaults& network();
  DiskFaults& disk(const std::string& process);
  /// Nothing passes between the two on the world's own network, until join().
  void cut(const std::string& one, const std::string& other);
  void join(const std::string& one, const std::string& other);
  /// Lets something of its transport's own go wrong; says what. Requires: it has one.
  std::string strike_transport(SeededRandom& random);
  bool has_transport() const;
  /// Ends partitions and network and disk faults, sets clocks right, mends handlers, starts what is
  /// down. What is dead stays so until it is redriven.
  void heal();
  /// The process's time of day is `offset` off from now on.
  void set_clock(const std::string& process, Duration offset);
  /// It dies right after its next commit, before anybody has heard of it.
  void kill_at_commit(const std::string& process);
  /// It dies at the `call`-th call to its disk from now, which does not happen.
  void kill_at_disk_call(const std::string& process, std::uint64_t call, bool power_too);
  /// The `call`-th disk call from now fails.
  void fail_disk_call(const std::string& process, std::uint64_t call);
  /// Of the process's event handlers, so many per mille fail, an event's at most twice.
  void fail_handlers(const std::string& process, unsigned per_mille);
  /// Of the events that its handlers get from now on, so many per mille are poison to it: refused
  /// at once, or failed with every try. They become dead letters, and stay so however often they
  /// are redriven, until it is mended, which 0 does.
  void poison(const std::string& process, unsigned per_mille);
  /// Times that files were opened, read, written, cut off or synced by the process so far.
  std::uint64_t disk_calls(const std::string& process) const;
  /// How often it has died, and how many of its disk calls have failed, so far.
  std::uint64_t deaths(const std::string& process) const;
  std::uint64_t failed_disk_calls(const std::string& process) const;

  // ---- watching ----

  /// Called with every event once it is durable, whether or not its publisher lived to tell.
  std::function<void(const std::string& service, const Envelope& event)> on_event;
  /// Called after each step in which events were committed. May throw Broken, like on_event.
  /// Neither may run the world.
  std::function<void()> on_step;
  /// Says that a rule is broken, where it cannot be thrown: in code of a service, which has its own
  /// way with exceptions. It is thrown by whatever runs the world.
  void fail(const Broken& broken);
  /// Adds a line of one's own.
  void note(std::string_view who, std::string_view what);
  std::uint64_t trace_hash() const;
  std::uint64_t steps() const;
  /// Lines that speak of any of `ids`, and of deaths and faults, or all; empty unless kept.
  std::vector<std::string> trace(const std::vector<std::string>& ids = {}) const;

 private:
  void give(std::string_view publisher, StagedEvent event);

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing::testing
