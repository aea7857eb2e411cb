#include "load_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAnswerTimeoutMs = 30'000;

struct Connection {
  int socket = -1;
  std::string in;
  Clock::time_point sent;
  std::size_t answers = 0;
  bool busy = false;
};

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("the server under load cannot be reached");
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

/// The size of the whole answer at the front of `in`, or nullopt when it is not all there.
std::optional<std::size_t> whole_answer(const std::string& in, std::size_t& head_size) {
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  head_size = end + 4;
  std::size_t length = 0;
  const std::string_view head{in.data(), head_size};
  if (const std::size_t at = head.find("Content-Length: "); at != std::string_view::npos) {
    const char* first = head.data() + at + sizeof("Content-Length: ") - 1;
    std::from_chars(first, head.data() + head.size(), length);
  }
  if (in.size() < head_size + length) return std::nullopt;
  return head_size + length;
}

class Runner {
 public:
  explicit Runner(const Load& load) : load_(load), poll_(::epoll_create1(0)) {
    connections_.resize(load.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].socket = connect_to(load.ports[i % load.ports.size()]);
      epoll_event event{EPOLLIN, {.u64 = i}};
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
    }
  }
  ~Runner() {
    for (const Connection& connection : connections_) ::close(connection.socket);
    ::close(poll_);
  }

  LoadResult run() {
    const auto start = Clock::now();
    for (Connection& connection : connections_) send_next(connection);
    epoll_event events[64];
    while (busy_ > 0) {
      const int count = ::epoll_wait(poll_, events, 64, kAnswerTimeoutMs);
      if (count <= 0) throw std::runtime_error("the server under load does not answer any more");
      for (int i = 0; i < count; ++i) receive(connections_[events[i].data.u64]);
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    result_.fewest_on_a_connection = SIZE_MAX;
    for (const Connection& connection : connections_) {
      result_.fewest_on_a_connection = std::min(result_.fewest_on_a_connection, connection.answers);
    }
    return std::move(result_);
  }

 private:
  void send_next(Connection& connection) {
    const auto request = load_.next();
    if (!request) return;
    connection.sent = Clock::now();
    connection.busy = true;
    ++busy_;
    if (::send(connection.socket, request->data(), request->size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request->size())) {
      throw std::runtime_error("the server under load closed a connection");
    }
  }

  void receive(Connection& connection) {
    char bytes[16'384];
    const ssize_t count = ::recv(connection.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count == 0)
      throw std::runtime_error("the server under load closed a connection after " +
                               std::to_string(result_.answers) + " answers: " + connection.in);
    if (count < 0) return;
    connection.in.append(bytes, static_cast<std::size_t>(count));
    std::size_t head = 0;
    const auto size = whole_answer(connection.in, head);
    if (!size) return;
    settle(connection, head, *size);
    connection.in.erase(0, *size);
    send_next(connection);
  }

  void settle(Connection& connection, std::size_t head, std::size_t size) {
    const auto took = Clock::now() - connection.sent;
    result_.latencies.push_back(std::chrono::duration<double>(took).count());
    ++result_.answers;
    ++connection.answers;
    connection.busy = false;
    --busy_;
    const std::string status = std::to_string(load_.expected_status);
    if (connection.in.compare(9, 3, status) != 0) ++result_.refused;
    if (load_.on_body) load_.on_body({connection.in.data() + head, size - head});
  }

  const Load& load_;
  int poll_;
  std::vector<Connection> connections_;
  std::size_t busy_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult run(const Load& load) { return Runner{load}.run(); }

std::string post(std::string_view path, std::string_view token, std::string_view body) {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ");
  request.append(token).append("\r\nContent-Type: application/json\r\nContent-Length: ");
  request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return request;
}

}  // namespace bench
