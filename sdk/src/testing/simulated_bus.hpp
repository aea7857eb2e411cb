#pragma once
// SimulatedBus: a process's bus to the Network.
//
// The cores are production's: Relay, Subscription, the wire format, the answer to a fetch. Only
// what carries the messages is simulated. Like ZeroMQ, a subscriber reconnects by itself to a
// publisher that was restarted, and its subscriptions with it. One thread.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "messaging/fetch_answer.hpp"
#include "testing/network.hpp"
#include "ticketing/messaging/relay.hpp"

namespace ticketing::testing {

class SimulatedBus final : public Bus {
 public:
  SimulatedBus(Network& network, std::string process, Logger& logger);
  ~SimulatedBus() override { stop(); }

  void host(HostedLog log) override;
  void follow(Consumer consumer) override;
  void unfollow(const std::string& consumer, const std::string& log) override;
  void start() override;
  void stop() override;
  std::string endpoint() const override { return process_; }
  void committed(const std::string& name, std::vector<LogEntry> entries) override;
  void request_replay(const std::string& consumer, const std::string& log, Gap gap) override;
  std::vector<SubscriptionStatus> statuses() const override;

  void append_unsettled(std::vector<std::string>& lines) const;

 private:
  /// One consumer's subscription to one log, and its connections to the publisher.
  struct Follower;
  using Shared = std::shared_ptr<Follower>;
  using Weak = std::weak_ptr<Follower>;
  using Self = std::shared_ptr<SimulatedBus*>;

  // The publisher's side.
  wire::Frames positions(std::string_view topic) const;
  void beat();
  void plan_reconnect(const Shared& follower);
  void subscribe(const Shared& follower);
  void send_live(const Shared& follower, wire::Frames frames, Scheduler::Kind kind);
  void answer(const Shared& follower, const std::string& line);
  std::int64_t head_of(const std::string& log) const { return relays_.at(log).head(); }

  // The consumer's side.
  void drive(const Shared& follower);
  void wake_up(const Shared& follower, Scheduler::Time at);
  void join(const Shared& follower);
  void ask(const Shared& follower, const wire::FetchRequest& request);
  void tell(const Shared& follower, const wire::Report& report);
  void send_line(const Shared& follower, const char* what, std::string line, Scheduler::Kind kind);
  void deliver(const Shared& follower, const std::shared_ptr<const Batch>& batch);
  static void receive(const Shared& follower, const wire::Frames& frames);
  static void receive_positions(const Shared& follower, const wire::Frames& frames, bool is_hello);

  Network& network_;
  std::string process_;
  Logger& logger_;
  HostedLogs logs_;
  std::map<std::string, Relay> relays_;
  bool has_started_ = false;
  std::vector<Shared> followers_;
  std::vector<Weak> subscribers_;  ///< Who is connected here.
  Self self_ = std::make_shared<SimulatedBus*>(this);
};

}  // namespace ticketing::testing
