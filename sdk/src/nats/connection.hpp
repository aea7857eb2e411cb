#pragma once
// Connection: one connection to a NATS server, and the messages that come over it.
//
// It does not reconnect: once lost it stays so, and its owner opens another. So its owner knows
// what was sent before a loss and what after it; the server may still take the first behind the
// second. Handlers are called on a thread that is not the caller's, one at a time, and must only
// pass on. The rest: any thread.

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
  /// What a message is made of, wherever that lies.
  class Content {
   public:
    virtual ~Content() = default;
    virtual std::string_view subject() const = 0;
    /// Empty: no answer is wanted.
    virtual std::string_view reply() const = 0;
    virtual std::string_view body() const = 0;
    virtual std::optional<std::string_view> header(const char* name) const = 0;
  };
  explicit Message(std::unique_ptr<const Content> content) : content_(std::move(content)) {}

  std::string_view subject() const { return content_->subject(); }
  std::string reply() const { return std::string{content_->reply()}; }
  std::string_view body() const { return content_->body(); }
  std::optional<std::string_view> header(const char* name) const { return content_->header(name); }
  GetHeader headers() const {
    return [this](const char* name) { return header(name); };
  }
  /// Of the server itself, as 503; 0: this is a message of somebody's.
  int status() const;
  bool is_nobody_there() const { return status() == kNobodyThere; }

 private:
  static constexpr int kNobodyThere = 503;
  std::unique_ptr<const Content> content_;
};

using TakeMessage = std::function<void(Message message)>;

enum class Sent { yes, too_large, no };

class Connection {
 public:
  /// What is subscribed to, until this is destroyed.
  class Interest {
   public:
    virtual ~Interest() = default;
  };

  virtual ~Connection() = default;

  /// Hears `subject` until the result is destroyed; with a group, one of the group hears it.
  virtual std::unique_ptr<Interest> subscribe(const std::string& subject, TakeMessage take,
                                              const std::string& group = {}) = 0;
  virtual Sent send(const std::string& subject, const std::string& reply, std::string_view body,
                    const Headers& headers = {}) = 0;
  /// Waits a moment until the server has taken what was sent.
  virtual void flush() = 0;

  /// A prefix of subjects that nobody else has.
  virtual const std::string& inbox() const = 0;
  /// Of a message with its headers.
  virtual std::size_t payload_max() const = 0;
  virtual bool is_closed() const = 0;
  virtual std::string lost_because() const = 0;
};

/// Blocks for a second at most for each server. `on_lost` is called once, and only passes on.
/// Throws Error(unavailable), or Error(unauthorized).
using OpenConnection = std::function<std::shared_ptr<Connection>(std::function<void()> on_lost)>;

/// Over libnats.
std::shared_ptr<Connection> open_connection(const ServerUrl& url, std::function<void()> on_lost);

}  // namespace ticketing::nats_driver
