#include "messaging/zmq_socket.hpp"

#include <arpa/inet.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include "ticketing/core/error.hpp"

namespace ticketing::zmq_driver {

namespace {

constexpr std::string_view kTcp = "tcp://";

bool is_port(std::string_view text, bool binding) {
  if (binding && text == "*") return true;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port <= 65'535 &&
         (binding || port > 0);
}

bool is_loopback(const std::string& host) {
  if (host == "[::1]") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
}

std::pair<std::string, std::string> host_and_port(const std::string& endpoint, bool binding) {
  const std::size_t colon = endpoint.rfind(':');
  const bool is_tcp = endpoint.rfind(kTcp, 0) == 0 && colon > kTcp.size();
  if (!is_tcp || !is_port(std::string_view{endpoint}.substr(colon + 1), binding)) {
    throw Error(ErrorCode::invalid, "\"" + endpoint + "\" is not an endpoint of the bus; write " +
                                        "tcp://127.0.0.1:7101");
  }
  return {endpoint.substr(kTcp.size(), colon - kTcp.size()), endpoint.substr(colon + 1)};
}

/// Receives one part. A signal does not end it: the message may be half taken in already.
bool receive_part(zmq::socket_t& socket, zmq::message_t& part) {
  while (true) {
    try {
      return socket.recv(part, zmq::recv_flags::dontwait).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw;
    }
  }
}

std::string property_of(zmq::message_t& part, const char* name) {
  const char* value = ::zmq_msg_gets(part.handle(), name);
  return value == nullptr ? std::string{} : value;
}

bool send_part(zmq::socket_t& socket, const std::string& part, zmq::send_flags flags) {
  while (true) {
    try {
      return socket.send(zmq::buffer(part), flags).has_value();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw;
    }
  }
}

}  // namespace

bool send(zmq::socket_t& socket, const wire::Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const bool last = i + 1 == frames.size();
    const auto more = last ? zmq::send_flags::none : zmq::send_flags::sndmore;
    if (!send_part(socket, frames[i], zmq::send_flags::dontwait | more)) return false;
  }
  return true;
}

std::optional<wire::Frames> receive(zmq::socket_t& socket, Sender* sender) {
  wire::Frames frames;
  zmq::message_t part;
  do {
    if (!receive_part(socket, part)) return std::nullopt;
    frames.emplace_back(part.data<char>(), part.size());
  } while (part.more());
  if (sender != nullptr) {
    sender->is_outside = !property_of(part, "Peer-Address").empty();
    sender->name = property_of(part, "User-Id");
  }
  return frames;
}

bool wait(std::vector<zmq::pollitem_t>& items, std::chrono::milliseconds timeout) {
  try {
    return zmq::poll(items, timeout) > 0;
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw;
    for (zmq::pollitem_t& item : items) item.revents = 0;
    return false;
  }
}

Bell::Bell() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TICKETING_ASSERT(descriptor_ >= 0);
}

Bell::~Bell() { ::close(descriptor_); }

void Bell::ring() {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then the bell is ringing already.
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Bell::clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &count, sizeof count);
}

std::string checked_endpoint(const std::string& endpoint) {
  const auto [host, port] = host_and_port(endpoint, false);
  return std::string{kTcp} + host + ':' + port;
}

std::string checked_bind(const std::string& endpoint, bool encrypted) {
  auto [host, port] = host_and_port(endpoint, true);
  if (host == "localhost") host = "127.0.0.1";  // A bind takes no names.
  if (!encrypted && !is_loopback(host)) {
    throw Error(ErrorCode::invalid, "refused to bind the bus to " + endpoint +
                                        ": off this host it would be neither encrypted nor " +
                                        "authenticated; bind it to 127.0.0.1, or give --bus-key " +
                                        "and --bus-allow");
  }
  return std::string{kTcp} + host + ':' + (port == "0" ? "*" : port);
}

}  // namespace ticketing::zmq_driver
