#pragma once
// A client that writes and reads plain bytes, so that tests can break every rule of HTTP.
// Every wait has a deadline.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "support/eventually.hpp"

namespace ticketing::test {

inline constexpr std::chrono::seconds kPatience{20};

struct RawResponse {
  int status = 0;  ///< 0: the connection ended before a whole response.
  std::string head;
  std::string body;

  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

class RawClient {
 public:
  /// `from`: the loopback address to call from, as 127.0.0.2; the kernel chooses by default.
  explicit RawClient(std::uint16_t port, const char* from = nullptr)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    if (from != nullptr) {
      address.sin_family = AF_INET;
      ::inet_pton(AF_INET, from, &address.sin_addr);
      ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        received_(std::move(other.received_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  /// False when the server does not listen to it any more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd waiting{fd_, POLLOUT, 0};
      if (::poll(&waiting, 1, kPatienceMs) != 1) return false;
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) continue;
      if (count < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  RawResponse exchange(std::string_view request) {
    send(request);
    return read_response(request.starts_with("HEAD "));
  }

  RawResponse read_response(bool after_head = false) {
    RawResponse response;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return response;
    }
    response.head = received_.substr(0, end + 4);
    const std::size_t length = after_head ? 0 : content_length(response.head);
    while (received_.size() < end + 4 + length) {
      if (!receive()) return response;
    }
    response.body = received_.substr(end + 4, length);
    received_.erase(0, end + 4 + length);
    response.status = std::stoi(response.head.substr(9, 3));
    return response;
  }

  /// True when the server ends the connection (and says nothing more).
  bool closed_by_server() {
    while (receive()) {
    }
    return ended_ && received_.empty();
  }
  /// Bytes that came and belong to no response yet.
  const std::string& leftover() const { return received_; }

 private:
  static constexpr int kPatienceMs = std::chrono::milliseconds{kPatience}.count();

  static std::size_t content_length(const std::string& head) {
    const std::size_t at = head.find("Content-Length: ");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  }

  bool receive() {
    std::array<char, 16384> buffer;
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, kPatienceMs) != 1) return false;
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    ended_ = count <= 0;
    if (count <= 0) return false;
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string received_;
};

}  // namespace ticketing::test
