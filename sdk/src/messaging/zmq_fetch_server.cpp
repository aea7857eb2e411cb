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
    auto refusal = refuse(sender, (*message)[1]);
    wire::Frames frames =
        refusal ? std::move(*refusal) : answer_fetch(logs_, (*message)[1], logger_);
    if (frames.empty()) continue;
    frames.insert(frames.begin(), std::move(message->front()));
    send(socket_, frames);
  }
}

std::optional<wire::Frames> FetchServer::refuse(const Sender& sender, const std::string& line) {
  if (security_ == nullptr || !sender.is_outside) return std::nullopt;
  const AllowedPeer* const reader = security_->allowed.by_name(sender.name);
  TICKETING_ASSERT(reader != nullptr);  // The handshake gave it that name.
  auto refusal = zap::refuse_fetch(*reader, line);
  if (!refusal) return std::nullopt;
  if (const auto held_back = limit_.say(sender.name, system_clock().monotonic())) {
    logger_.warning("refused a fetch",
                    {{"reason", refusal->front()}, {"alike", std::to_string(*held_back)}});
  }
  return refusal;
}

}  // namespace ticketing::zmq_driver
