#pragma once
// SimulatedServer: a NATS server and the connections to it, on a world's Scheduler.
//
// On a connection everything arrives in order, or not at all: what breaks is the connection. One
// thread.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "nats_testing/jetstream.hpp"
#include "testing/scheduler.hpp"
#include "testing/world_transport.hpp"

namespace ticketing::testing {

class SimulatedConnection;

class SimulatedServer {
 public:
  SimulatedServer(const WorldTransportMeans& means, Disorder disorder);
  SimulatedServer(const SimulatedServer&) = delete;
  SimulatedServer& operator=(const SimulatedServer&) = delete;

  /// Throws Error(unavailable) when it is down, or `process` is cut from it.
  std::shared_ptr<nats_driver::Connection> connect(const std::string& process,
                                                   std::function<void()> on_lost);
  /// Breaks the connections of `process`, for example because it has died; of all, if empty.
  void disconnect(const std::string& process);

  void die(bool power_too);
  void start();
  /// Nothing passes any more. Half of the connections do not notice for a while.
  void cut(const std::string& process);
  void join(const std::string& process) { cut_.erase(process); }
  void heal();
  bool is_up() const { return is_up_; }
  JetStream& jetstream() { return jetstream_; }

 private:
  friend class SimulatedConnection;
  using Kind = Scheduler::Kind;

  /// When what is sent now over a connection arrives, after what was sent before.
  Scheduler::Time arrival(Scheduler::Time& last);
  bool breaks(SimulatedConnection& connection);
  void take_late(const Packet& packet, Scheduler::Time by);
  void take(const SimulatedConnection& from, const Packet& packet);
  /// From whomever; who asked may be gone.
  void take(const Packet& packet);
  void route(const Packet& packet);
  bool is_heard(const std::string& subject) const;
  void freeze(const std::shared_ptr<SimulatedConnection>& connection);
  void check_order(const Packet* last, const Packet& packet) const;
  void plan_step();

  WorldTransportMeans means_;
  SeededRandom random_;
  std::map<std::uint64_t, std::weak_ptr<SimulatedConnection>> connections_;
  std::uint64_t count_ = 0;
  std::set<std::string> cut_;
  bool is_up_ = true;
  JetStream jetstream_;
  Scheduler::Time steps_at_ = Scheduler::Time::max();
  /// What is planned looks whether the server is still there.
  std::shared_ptr<SimulatedServer*> self_ = std::make_shared<SimulatedServer*>(this);
};

class SimulatedConnection final : public nats_driver::Connection,
                                  public std::enable_shared_from_this<SimulatedConnection> {
 public:
  SimulatedConnection(SimulatedServer& server, std::uint64_t number, std::string process,
                      std::function<void()> on_lost);

  std::unique_ptr<Interest> subscribe(const std::string& subject, nats_driver::TakeMessage take,
                                      const std::string& group) override;
  nats_driver::Sent send(const std::string& subject, const std::string& reply,
                         std::string_view body, const nats_driver::Headers& headers) override;
  void flush() override {}
  const std::string& inbox() const override { return inbox_; }
  std::size_t payload_max() const override { return kPayloadMax; }
  bool is_closed() const override { return server_ == nullptr; }
  std::string lost_because() const override { return "the connection was closed"; }

 private:
  friend class SimulatedServer;
  static constexpr std::size_t kPayloadMax = 1 << 20;
  struct Subscription {
    std::string subject;
    std::string group;
    nats_driver::TakeMessage take;
  };
  class Listening;

  /// Calls `work` when what is sent now arrives, unless the connection is lost by then.
  void later(Scheduler::Time& last, Scheduler::Kind kind,
             std::function<void(SimulatedConnection&)> work);
  /// What was written before a loss may arrive after it, and behind what a next connection says.
  struct Loss {
    bool has_happened = false;
    std::optional<Scheduler::Time> late_by;
  };
  void hand_over(std::uint64_t subscription, const Packet& packet);
  void lose();

  SimulatedServer* server_;  ///< nullptr once it is lost.
  std::string process_;
  std::string inbox_;
  std::function<void()> on_lost_;
  bool is_frozen_ = false;  ///< Nothing passes, and the client has not noticed.
  std::shared_ptr<Loss> loss_ = std::make_shared<Loss>();
  Scheduler::Time to_server_{0};
  Scheduler::Time to_client_{0};
  std::uint64_t count_ = 0;
  std::map<std::uint64_t, Subscription> subscriptions_;  ///< That the server knows.
  std::set<std::uint64_t> wanted_;                       ///< That somebody still listens to.
};

}  // namespace ticketing::testing
