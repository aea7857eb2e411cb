#pragma once
// Stream: a service that publishes, and services that follow its log, each a real process that can
// be stopped and started again, slow, or about to die. On the test's main thread, as Process.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/databases.hpp"
#include "support/marketplace.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/http/client.hpp"

namespace ticketing::test {

/// One process of test_stream, with ports and a data folder that outlive it.
class StreamNode {
 public:
  explicit StreamNode(std::string service) : service_(std::move(service)) {}

  void start(const std::vector<std::string>& flags);
  void kill() { process_->kill(); }
  /// SIGTERM; what it exited with.
  std::optional<int> stop() { return process_->terminate(kPatience); }
  Process& process() { return *process_; }
  bool ready() const;
  Readiness readiness() const;
  std::string api() const { return "http://" + address(api_); }
  std::string admin() const { return "http://" + address(admin_); }
  std::string bus() const { return "tcp://" + address(bus_); }
  std::string database() const { return folder_.file(service_ + ".db"); }
  const std::string& data_dir() const { return folder_.path(); }

 private:
  static constexpr std::chrono::seconds kPatience{20};
  static std::string address(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

  std::string service_;
  TempFolder folder_;
  std::uint16_t api_ = free_port();
  std::uint16_t admin_ = free_port();
  std::uint16_t bus_ = free_port();
  std::optional<Process> process_;  ///< Behind the folder: gone before it.
};

/// The log.
class Source : public StreamNode {
 public:
  /// Starts it, and waits until it is ready.
  explicit Source(std::vector<std::string> flags = {});
  void restart();
  /// Some at a time, each time in one transaction.
  void publish(std::int64_t count, std::int64_t at_once = 100);
  /// Changes of `users` users, who are made first; one request.
  void change(std::int64_t users, std::int64_t count);
  std::int64_t head() const;
  std::int64_t horizon() const;

 private:
  std::vector<std::string> flags_;
  HttpClient client_{api()};
};

class Sink : public StreamNode {
 public:
  explicit Sink(const Source& source) : StreamNode("sink"), source_(source) {}
  /// Every user, as `id version data`, in the order of their ids.
  std::vector<std::string> replicas() const;
  void start(std::vector<std::string> flags = {});
  /// Where its cursor is, by its database; 0 before there is one.
  std::int64_t applied() const;
  /// It is ready and has applied all that there is.
  bool has_applied_all() const;
  bool catches_up(std::chrono::seconds deadline = std::chrono::seconds{60});
  /// Every event of the log has taken effect once, in order, and the replicas are as their owner
  /// has them.
  void expect_all_heard_once() const;
  /// The same where one aggregate had to wait: it is in order by itself.
  void expect_each_heard_once() const;
  /// Of what is set aside: how many are in `state`.
  std::int64_t set_aside(const std::string& state) const;
  /// It is not ready, says `reason`, and stands where it stood.
  void expect_refused(const std::string& reason);

 private:
  Databases with_source() const {
    return Databases{{{"auth", source_.database()}, {"sink", database()}}};
  }
  std::int64_t heard() const;
  std::string refusal() const;

  const Source& source_;
};

}  // namespace ticketing::test
