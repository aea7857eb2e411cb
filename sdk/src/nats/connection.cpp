#include "nats/connection.hpp"

#include <nats/nats.h>

#include <charconv>
#include <map>
#include <mutex>
#include <vector>

#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr std::int64_t kConnectMs = 1'000;
constexpr std::int64_t kPingMs = 3'000;
constexpr int kPingsOutMax = 2;
constexpr int kWriteMs = 2'000;
constexpr std::int64_t kFlushMs = 300;

/// The callbacks that are alive. libnats may still be calling while what it calls is destroyed, so
/// it is given numbers and not pointers.
struct Alive {
  std::mutex mutex;
  std::map<std::uintptr_t, TakeMessage> calls;
  std::uintptr_t last = 0;
};
Alive& alive() {
  static Alive all;
  return all;
}

struct DestroyOptions {
  void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
};
using Options = std::unique_ptr<natsOptions, DestroyOptions>;

void require(natsStatus status, const std::string& what) {
  if (status == NATS_OK) return;
  throw Error(ErrorCode::unavailable, what + ": " + natsStatus_GetText(status));
}

void set_security(natsOptions* options, const ServerUrl& url) {
  if (url.is_encrypted) require(natsOptions_SetSecure(options, true), "TLS");
  if (!url.ca_file.empty()) {
    require(natsOptions_LoadCATrustedCertificates(options, url.ca_file.c_str()),
            "cannot read " + url.ca_file);
  }
  if (!url.certificate_file.empty()) {
    require(natsOptions_LoadCertificatesChain(options, url.certificate_file.c_str(),
                                              url.key_file.c_str()),
            "cannot read " + url.certificate_file + " and " + url.key_file);
  }
  if (!url.credentials_file.empty()) {
    require(natsOptions_SetUserCredentialsFromFiles(options, url.credentials_file.c_str(), nullptr),
            "cannot read " + url.credentials_file);
  }
}

Options make_options(const ServerUrl& url) {
  natsOptions* raw = nullptr;
  require(natsOptions_Create(&raw), "NATS");
  Options options{raw};
  std::vector<const char*> servers;
  for (const std::string& server : url.servers) servers.push_back(server.c_str());
  const int count = static_cast<int>(servers.size());
  require(natsOptions_SetServers(raw, servers.data(), count), "the bus's URL");
  natsOptions_SetName(raw, "ticketing");
  natsOptions_SetTimeout(raw, kConnectMs);
  natsOptions_SetAllowReconnect(raw, false);
  natsOptions_SetPingInterval(raw, kPingMs);
  natsOptions_SetMaxPingsOut(raw, kPingsOutMax);
  natsOptions_UseGlobalMessageDelivery(raw, true);
  natsOptions_SetWriteDeadline(raw, kWriteMs);  // Or a server that stands still holds up the bus.
  // What is lost is asked for again; by default each such error is printed.
  natsOptions_SetErrorHandler(
      raw, [](natsConnection*, natsSubscription*, natsStatus, void*) {}, nullptr);
  set_security(raw, url);
  return options;
}

[[noreturn]] void fail(natsStatus status, const ServerUrl& url) {
  const char* const text = nats_GetLastError(nullptr);
  const std::string reason = text != nullptr && *text != '\0' ? text : natsStatus_GetText(status);
  if (status == NATS_CONNECTION_AUTH_FAILED || reason.find("uthorization") != std::string::npos) {
    throw Error(ErrorCode::unauthorized,
                "the NATS server at " + url.shown() +
                    " refuses user or password; write the right ones to the bus's URL");
  }
  throw Error(ErrorCode::unavailable,
              "no NATS server answers at " + url.shown() + " (" + reason + ")");
}

struct DestroyMessage {
  void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
};
using NatsMessage = std::unique_ptr<natsMsg, DestroyMessage>;

class Received final : public Message::Content {
 public:
  explicit Received(natsMsg* message) : message_(message) {}
  std::string_view subject() const override { return natsMsg_GetSubject(message_.get()); }
  std::string_view reply() const override {
    const char* const subject = natsMsg_GetReply(message_.get());
    return subject == nullptr ? std::string_view{} : subject;
  }
  std::string_view body() const override {
    const int size = natsMsg_GetDataLength(message_.get());
    return {natsMsg_GetData(message_.get()), static_cast<std::size_t>(size)};
  }
  std::optional<std::string_view> header(const char* name) const override {
    const char* value = nullptr;
    if (natsMsgHeader_Get(message_.get(), name, &value) != NATS_OK || value == nullptr) {
      return std::nullopt;
    }
    return std::string_view{value};
  }

 private:
  NatsMessage message_;
};

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

Callback::Callback(TakeMessage take) {
  const std::lock_guard guard{alive().mutex};
  number_ = ++alive().last;
  alive().calls.emplace(number_, std::move(take));
}

Callback::~Callback() {
  const std::lock_guard guard{alive().mutex};
  alive().calls.erase(number_);
}

void* Callback::closure() const {
  return reinterpret_cast<void*>(number_);  // NOLINT(performance-no-int-to-ptr)
}

void Callback::call(void* closure, natsMsg* message) {
  Message owned{std::make_unique<Received>(message)};
  const std::lock_guard guard{alive().mutex};
  const auto found = alive().calls.find(reinterpret_cast<std::uintptr_t>(closure));
  if (found != alive().calls.end()) found->second(std::move(owned));
}

class NatsConnection final : public Connection {
 public:
  NatsConnection(const ServerUrl& url, std::function<void()> on_lost);
  ~NatsConnection() override;
  NatsConnection(const NatsConnection&) = delete;
  NatsConnection& operator=(const NatsConnection&) = delete;

  std::unique_ptr<Interest> subscribe(const std::string& subject, TakeMessage take,
                                      const std::string& group) override;
  Sent send(const std::string& subject, const std::string& reply, std::string_view body,
            const Headers& headers) override;
  void flush() override { natsConnection_FlushTimeout(connection_, kFlushMs); }
  const std::string& inbox() const override { return inbox_; }
  std::size_t payload_max() const override {
    return static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_));
  }
  bool is_closed() const override { return natsConnection_IsClosed(connection_); }
  std::string lost_because() const override;

 private:
  natsConnection* connection_ = nullptr;
  Callback on_lost_;
  std::string inbox_;
};

class Subscribed final : public Connection::Interest {
 public:
  explicit Subscribed(TakeMessage take) : callback_(std::move(take)) {}
  ~Subscribed() override {
    callback_ = Callback{};
    natsSubscription_Destroy(subscription_);
  }
  Subscribed(const Subscribed&) = delete;
  Subscribed& operator=(const Subscribed&) = delete;

  void* closure() const { return callback_.closure(); }
  natsSubscription** place() { return &subscription_; }
  natsSubscription* get() const { return subscription_; }

 private:
  Callback callback_;
  natsSubscription* subscription_ = nullptr;
};

}  // namespace

int Message::status() const {
  // What was stored in a stream comes with a subject for its acknowledgement, whatever it says.
  const auto text = body().empty() && reply().empty() ? header("Status") : std::nullopt;
  int value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

NatsConnection::NatsConnection(const ServerUrl& url, std::function<void()> on_lost)
    : on_lost_([hook = std::move(on_lost)](const Message&) { hook(); }) {
  const Options options = make_options(url);
  natsOptions_SetClosedCB(
      options.get(), [](natsConnection*, void* closure) { Callback::call(closure, nullptr); },
      on_lost_.closure());
  natsInbox* inbox = nullptr;
  require(natsInbox_Create(&inbox), "NATS");
  inbox_ = inbox;
  natsInbox_Destroy(inbox);
  const natsStatus status = natsConnection_Connect(&connection_, options.get());
  if (status != NATS_OK) fail(status, url);
}

NatsConnection::~NatsConnection() {
  on_lost_ = Callback{};
  natsConnection_Destroy(connection_);
}

std::unique_ptr<Connection::Interest> NatsConnection::subscribe(const std::string& subject,
                                                                TakeMessage take,
                                                                const std::string& group) {
  auto interest = std::make_unique<Subscribed>(std::move(take));
  const natsMsgHandler handler = [](natsConnection*, natsSubscription*, natsMsg* message,
                                    void* closure) { Callback::call(closure, message); };
  const natsStatus status =
      group.empty() ? natsConnection_Subscribe(interest->place(), connection_, subject.c_str(),
                                               handler, interest->closure())
                    : natsConnection_QueueSubscribe(interest->place(), connection_, subject.c_str(),
                                                    group.c_str(), handler, interest->closure());
  if (status != NATS_OK) return nullptr;  // Lost; its owner hears of that.
  natsSubscription_SetPendingLimits(interest->get(), -1, -1);
  return interest;
}

Sent NatsConnection::send(const std::string& subject, const std::string& reply,
                          std::string_view body, const Headers& headers) {
  natsMsg* raw = nullptr;
  if (body.size() > payload_max()) return Sent::too_large;
  const natsStatus made =
      natsMsg_Create(&raw, subject.c_str(), reply.empty() ? nullptr : reply.c_str(), body.data(),
                     static_cast<int>(body.size()));
  if (made != NATS_OK) return Sent::no;
  const NatsMessage owned{raw};
  for (const auto& [name, value] : headers) {
    if (natsMsgHeader_Set(raw, name.c_str(), value.c_str()) != NATS_OK) return Sent::no;
  }
  const natsStatus status = natsConnection_PublishMsg(connection_, raw);
  if (status == NATS_MAX_PAYLOAD) return Sent::too_large;
  return status == NATS_OK ? Sent::yes : Sent::no;
}

std::string NatsConnection::lost_because() const {
  const char* reason = nullptr;
  natsConnection_GetLastError(connection_, &reason);
  return reason == nullptr || *reason == '\0' ? "the connection was closed" : reason;
}

std::shared_ptr<Connection> open_connection(const ServerUrl& url, std::function<void()> on_lost) {
  return std::make_shared<NatsConnection>(url, std::move(on_lost));
}

}  // namespace ticketing::nats_driver
