#pragma once
// Connection: one connection to a NATS server, and the messages that come over it.
//
// It does not reconnect: once lost it stays so, and its owner opens another. So nothing that was
// sent before the loss can arrive behind what is sent after it. What it is told by libnats's
// threads it hands on at once; hooks and handlers are called on those, one at a time, and must only
// pass on. The rest: any thread.

#include <nats/nats.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nats/event_message.hpp"
#include "nats/server_url.hpp"

namespace ticketing::nats_driver {

class Message {
 public:
  explicit Message(natsMsg* message) : message_(message) {}

  std::string_view subject() const { return natsMsg_GetSubject(message_.get()); }
  /// Empty: no answer is wanted.
  std::string reply() const;
  std::string_view body() const;
  std::optional<std::string_view> header(const char* name) const;
  GetHeader headers() const {
    return [this](const char* name) { return header(name); };
  }
  /// Of the server itself, as 503; 0: this is a message of somebody's.
  int status() const;
  bool is_nobody_there() const { return status() == kNobodyThere; }

 private:
  static constexpr int kNobodyThere = 503;
  struct Destroy {
    void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
  };
  std::unique_ptr<natsMsg, Destroy> message_;
};

using TakeMessage = std::function<void(Message message)>;

/// A call that libnats may make for as long as this lives, and not any more afterwards.
class Callback {
 public:
  Callback() = default;
  explicit Callback(TakeMessage take);
  ~Callback();
  Callback(Callback&& other) noexcept : number_(std::exchange(other.number_, 0)) {}
  Callback& operator=(Callback&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  void* closure() const;
  /// Hands `message` on, unless the callback is gone.
  static void call(void* closure, natsMsg* message);

 private:
  std::uintptr_t number_ = 0;
};

enum class Sent { yes, too_large, no };

class Connection {
 public:
  class Interest;

  /// Blocks for a second at most for each server. `on_lost` is called once. Throws
  /// Error(unavailable), or Error(unauthorized).
  static std::shared_ptr<Connection> open(const ServerUrl& url, const std::string& name,
                                          std::function<void()> on_lost);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Hears `subject` until the result is destroyed; with a group, one of the group hears it.
  std::unique_ptr<Interest> subscribe(const std::string& subject, TakeMessage take,
                                      const std::string& group = {});
  Sent send(const std::string& subject, const std::string& reply, std::string_view body,
            const Headers& headers = {});
  /// Waits a moment until the server has taken what was sent.
  void flush();

  /// A prefix of subjects that nobody else has.
  const std::string& inbox() const { return inbox_; }
  /// Of a message with its headers.
  std::size_t payload_max() const;
  bool is_closed() const;
  std::string lost_because() const;

 private:
  Connection() = default;

  natsConnection* connection_ = nullptr;
  Callback on_lost_;
  std::string inbox_;
};

class Connection::Interest {
 public:
  ~Interest();
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;

 private:
  friend class Connection;
  explicit Interest(TakeMessage take) : callback_(std::move(take)) {}
  Callback callback_;
  natsSubscription* subscription_ = nullptr;
};

}  // namespace ticketing::nats_driver
