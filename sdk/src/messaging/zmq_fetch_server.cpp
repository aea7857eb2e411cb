#include "messaging/zmq_fetch_server.hpp"

#include <vector>

#include "messaging/zmq_publisher.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing::zmq_driver {

namespace {

// Per subscriber: answers that it does not read are dropped, and it asks again.
constexpr int kAnswersWaitingMax = 16;
constexpr std::int64_t kRequestBytesMax = 64 << 10;
constexpr int kLinger = 200;
constexpr std::chrono::seconds kLogPause{60};

std::string any_port_beside(const std::string& endpoint) {
  return endpoint.substr(0, endpoint.rfind(':')) + ":*";
}

}  // namespace

FetchServer::FetchServer(zmq::context_t& context, const BusOptions& options,
                         const std::string& local_endpoint, Gate& gate, Logger& logger)
    : socket_(context, zmq::socket_type::router),
      security_(gate.security()),
      logger_(logger),
      limit_(kLogPause) {
  // Not 0: libzmq aborts when a connection breaks while a socket that closes at once is half-way
  // through a message of many frames (zeromq/libzmq#3442).
  socket_.set(zmq::sockopt::linger, kLinger);
  socket_.set(zmq::sockopt::sndhwm, kAnswersWaitingMax);
  socket_.set(zmq::sockopt::maxmsgsize, kRequestBytesMax);
  gate.guard(socket_, zap::kFetch);
  bind_socket(socket_, local_endpoint);
  if (options.bind.empty()) return;
  const bool encrypted = security_ != nullptr;
  const std::string wanted = options.fetch_bind.empty()
                                 ? any_port_beside(checked_bind(options.bind, encrypted))
                                 : checked_bind(options.fetch_bind, encrypted);
  const std::string bound = bind_socket(socket_, wanted);
  announced_ = "tcp://*" + bound.substr(bound.rfind(':'));
}

void FetchServer::host(HostedLog log) {
  std::string name = log.name;
  logs_.emplace(std::move(name), std::move(log));
}

void FetchServer::start() {
  thread_ = std::thread{[this] { serve(); }};
}

void FetchServer::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  bell_.ring();
  thread_.join();
}

void FetchServer::serve() {
  std::vector<zmq::pollitem_t> items{{socket_.handle(), 0, ZMQ_POLLIN, 0},
                                     {nullptr, bell_.descriptor(), ZMQ_POLLIN, 0}};
  while (!stopping_) {
    wait(items, std::chrono::milliseconds{-1});
    answer_waiting();
  }
}

void FetchServer::answer_waiting() {
  while (!stopping_) {
    Sender sender;
    auto message = receive(socket_, &sender);
    if (!message) return;
    if (message->size() != 2) continue;  // Not one of ours: no answer would be understood.
    wire::Frames frames = answer(sender, (*message)[1]);
    if (frames.empty()) continue;
    frames.insert(frames.begin(), std::move(message->front()));
    send(socket_, frames);
  }
}

wire::Frames FetchServer::answer(const Sender& sender, const std::string& line) {
  const AllowedPeer* const peer = peer_of(sender);
  if (peer == nullptr) return answer_fetch(logs_, line, logger_);
  if (auto refusal = zap::refuse_fetch(*peer, line)) {
    warn(*peer, "refused a fetch", refusal->front());
    return std::move(*refusal);
  }
  return answer_fetch(logs_, line, logger_, speaker(*peer, line));
}

const AllowedPeer* FetchServer::peer_of(const Sender& sender) const {
  if (security_ == nullptr || !sender.is_outside) return nullptr;
  const AllowedPeer* const peer = security_->allowed.by_name(sender.name);
  TICKETING_ASSERT(peer != nullptr);  // The handshake gave it that name.
  return peer;
}

/// It may read all the same: only for its consumer's sake the log is not kept.
Speaker FetchServer::speaker(const AllowedPeer& peer, const std::string& line) {
  const std::string consumer = zap::foreign_consumer(peer, line);
  if (consumer.empty()) return Speaker::itself;
  warn(peer, "the log is not kept for a peer's consumer",
       "\"" + consumer + "\" is none of its names in " + security_->allow_file);
  return Speaker::another;
}

void FetchServer::warn(const AllowedPeer& peer, const char* what, const std::string& reason) {
  const auto held_back = limit_.say(what + (' ' + peer.name()), system_clock().monotonic());
  if (!held_back) return;
  logger_.warning(
      what, {{"peer", peer.name()}, {"reason", reason}, {"alike", std::to_string(*held_back)}});
}

}  // namespace ticketing::zmq_driver
