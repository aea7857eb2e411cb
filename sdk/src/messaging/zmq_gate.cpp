#include "messaging/zmq_gate.hpp"

#include "messaging/zmq_socket.hpp"

namespace ticketing::zmq_driver {

namespace {

constexpr const char* kQuestions = "inproc://zeromq.zap.01";  // By RFC 27, in each context.
constexpr std::chrono::seconds kLogPause{10};
constexpr int kHandshakesPerTurn = 100;
// Whoever connects and says nothing holds a descriptor for so long.
constexpr std::chrono::milliseconds kHandshakeMax{5'000};

}  // namespace

Gate::Gate(zmq::context_t& context, std::shared_ptr<const BusSecurity> security, Logger& logger)
    : context_(context), security_(std::move(security)), logger_(logger), limit_(kLogPause) {
  if (!security_) return;
  questions_.emplace(context, zmq::socket_type::rep);
  questions_->set(zmq::sockopt::linger, 0);
  questions_->bind(kQuestions);
}

void Gate::guard(zmq::socket_t& socket, std::string_view domain) {
  guarded_.push_back({std::string{domain}, Monitor{context_, socket}});
  socket.set(zmq::sockopt::handshake_ivl, static_cast<int>(kHandshakeMax.count()));
  if (!security_) return;
  socket.set(zmq::sockopt::curve_server, true);
  socket.set(zmq::sockopt::curve_secretkey, security_->keys.secret_key);
  socket.set(zmq::sockopt::zap_domain, std::string{domain});
}

void Gate::append_poll_items(std::vector<zmq::pollitem_t>& items) {
  if (questions_) items.push_back({questions_->handle(), 0, ZMQ_POLLIN, 0});
  for (Guarded& guarded : guarded_) items.push_back(guarded.monitor.poll_item());
}

bool Gate::step(std::chrono::nanoseconds now) {
  bool more = false;
  for (int i = 0; i < kHandshakesPerTurn; ++i) {
    more = questions_ && answer_one(now);
    for (Guarded& guarded : guarded_) more |= note_failures(guarded, now);
    if (!more) return false;
  }
  return more;
}

bool Gate::answer_one(std::chrono::nanoseconds now) {
  const auto frames = receive(*questions_);
  if (!frames) return false;
  const auto request = zap::decode(*frames);
  // Only libzmq asks here, in its own words; without an answer it lets nobody in.
  TICKETING_ASSERT(request.has_value());
  const zap::Verdict verdict = zap::judge(*request, security_->allowed);
  send(*questions_, zap::encode(*request, verdict));
  if (verdict.refusal.empty()) return true;
  count(verdict.refusal);
  log_refusal(*request, verdict, now);
  return true;
}

void Gate::log_refusal(const zap::Request& request, const zap::Verdict& verdict,
                       std::chrono::nanoseconds now) {
  const auto held_back = limit_.say(verdict.refusal, now);
  if (!held_back) return;
  logger_.warning("kept a peer out of the bus",
                  {{"reason", std::string{verdict.refusal}},
                   {"socket", request.domain},
                   {"address", request.address},
                   {"key", request.public_key},
                   {"peer", verdict.peer == nullptr ? std::string{} : verdict.peer->name()},
                   {"alike", std::to_string(*held_back)}});
}

bool Gate::note_failures(Guarded& guarded, std::chrono::nanoseconds now) {
  const auto failure = guarded.monitor.next();
  if (!failure) return false;
  if (*failure == HandshakeFailure::refused) return true;  // By ourselves: counted already.
  count(word_of(*failure));
  if (const auto held_back = limit_.say(word_of(*failure), now)) {
    logger_.warning("a handshake on the bus failed", {{"reason", std::string{word_of(*failure)}},
                                                      {"socket", guarded.domain},
                                                      {"alike", std::to_string(*held_back)}});
  }
  return true;
}

void Gate::count(std::string_view reason) {
  const std::lock_guard guard{mutex_};
  ++failures_[std::string{reason}];
}

std::map<std::string, std::uint64_t> Gate::failures() const {
  const std::lock_guard guard{mutex_};
  return failures_;
}

}  // namespace ticketing::zmq_driver
