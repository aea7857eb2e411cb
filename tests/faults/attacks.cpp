#include "attacks.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>
#include <utility>

#include "support/eventually.hpp"
#include "support/visitor.hpp"
#include "unit/http/raw_client.hpp"

namespace ticketing::test {

namespace {

/// Over the number of workers (64), and below what one address may have (1,024).
constexpr std::size_t kConnections = 200;
constexpr std::size_t kManyConnections = 1'000;
constexpr int kAnswersEach = 40;      ///< Of 430 KB: several times what sockets hold.
constexpr std::size_t kServed = 200;  ///< Answers to the good client while an attack holds.

const std::string kStart = "GET /api/tickets?limit=1 HTTP/1.1\r\nHost: a\r\n";
const std::string kGet = kStart + "\r\n";

std::string post(const std::string& path, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + headers +
         "\r\n";
}

std::string with_length(std::size_t bytes) {
  return "Content-Length: " + std::to_string(bytes) + "\r\n";
}

/// As `413, closed`: the next answer, and what becomes of the connection.
std::string ending(RawClient& client) {
  const int status = client.read_response().status;
  const std::string answer = status == 0 ? "" : std::to_string(status) + ", ";
  return answer + (client.closed_by_server() ? "closed" : "open");
}

/// Sends `piece` so often, or until the server will not have any more, and tells how it ends.
std::string flood(const Target& target, const std::string& start, const std::string& piece,
                  int count) {
  RawClient client{target.port};
  bool accepted = client.send(start);
  for (int i = 0; accepted && i < count; ++i) accepted = client.send(piece);
  const std::string end = ending(client);
  target.good.wait_for(kServed);
  return end;
}

std::vector<RawClient> crowd(std::uint16_t port, std::size_t count) {
  std::vector<RawClient> clients;
  clients.reserve(count);
  for (std::size_t i = 0; i < count; ++i) clients.emplace_back(port);
  return clients;
}

/// What all of them see; each answer that occurs, once.
std::string endings(std::vector<RawClient>& clients) {
  std::map<std::string, int> seen;
  for (RawClient& client : clients) ++seen[ending(client)];
  std::string text;
  for (const auto& [end, count] : seen) text += (text.empty() ? "" : "; ") + end;
  return text;
}

// ---- much of something ----

std::string chunked_body(const Target& target) {
  return flood(target, post("/api/tickets", "Transfer-Encoding: chunked\r\n"),
               "10000\r\n" + std::string(1 << 16, 'x') + "\r\n", 1'024);
}
std::string announced_body(const Target& target) {
  return flood(target, post("/api/tickets", with_length(64 << 20)), std::string(1 << 16, 'x'),
               1'024);
}
std::string gzip_bomb(const Target& target) {
  return flood(target, post("/api/tickets", "Content-Encoding: gzip\r\n" + with_length(1 << 20)),
               std::string(1 << 16, '\0'), 16);
}
std::string header_line(const Target& target) {
  return flood(target, kStart + "X-Long: ", std::string(1 << 16, 'x'), 1'024);
}
std::string request_line(const Target& target) {
  return flood(target, "GET /", std::string(1 << 16, 'x'), 1'024);
}
std::string many_headers(const Target& target) {
  return flood(target, kStart, "A: b\r\n", 200'000);
}

/// Each leaves out the last byte of a body of the largest size.
std::string unfinished_uploads(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, kConnections);
  const std::string almost = post("/api/tickets", "Authorization: Bearer " + target.token + "\r\n" +
                                                      with_length(1 << 20)) +
                             std::string((1 << 20) - 1, ' ');
  std::size_t refused = 0;
  for (RawClient& client : clients) {
    if (!client.send(almost)) ++refused;
  }
  target.good.wait_for(kServed);
  // Those for whom there was memory may finish, and have sent no JSON.
  std::map<int, int> answers;
  for (RawClient& client : clients) ++answers[client.exchange(" ").status];
  const bool as_said = answers[503] + answers[0] > 0 && answers[400] > 0 &&
                       answers[503] + answers[0] + answers[400] == static_cast<int>(kConnections);
  return as_said ? "400, or 503 beyond the memory for all" : std::to_string(refused) + " refused";
}

/// Bodies of the largest size, from the first byte to the last, more at once than there is memory
/// for: those that are read are no JSON.
std::string whole_uploads(const Target& target) {
  const std::string upload = post("/api/tickets", "Authorization: Bearer " + target.token + "\r\n" +
                                                      with_length(1 << 20)) +
                             std::string(1 << 20, '[');
  std::map<int, int> answers;
  for (int round = 0; round < 20; ++round) {
    std::vector<RawClient> clients = crowd(target.port, 15);
    for (RawClient& client : clients) client.send(upload);
    for (RawClient& client : clients) ++answers[client.read_response().status];
  }
  target.good.wait_for(kServed);
  const bool as_said = answers[400] >= 20 && answers[400] + answers[503] + answers[0] == 300;
  return as_said ? "400, or 503 beyond the memory for all" : "another";
}

// ---- slowly ----

/// A byte on each connection, time and again, until the server has had enough.
std::string drip(const Target& target, const std::string& start) {
  std::vector<RawClient> clients = crowd(target.port, kConnections);
  for (RawClient& client : clients) client.send(start);
  const auto answered = [&] {
    pollfd waiting{clients.back().fd(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 1;
  };
  eventually([&] {
    for (RawClient& client : clients) client.send("x");
    target.good.wait_for(kServed / 10);
    return answered();
  });
  return endings(clients);
}
std::string dripping_head(const Target& target) { return drip(target, kStart + "X-Slow: "); }
std::string dripping_body(const Target& target) {
  constexpr std::size_t kNeverReached = 1'000'000;
  return drip(target, post("/api/tickets", with_length(kNeverReached)));
}

std::string idle_connections(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, kManyConnections);
  for (RawClient& client : clients) client.exchange(kGet);
  target.good.wait_for(kServed);
  const bool served = std::all_of(clients.begin(), clients.end(), [](RawClient& client) {
    return client.exchange(kGet).status == 200;
  });
  return served ? "200" : "not served";
}
std::string idle_to_the_end(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, kManyConnections);
  eventually(
      [&] {
        target.good.wait_for(kServed);
        pollfd ended{clients.back().fd(), POLLIN, 0};
        return ::poll(&ended, 1, 0) == 1;
      },
      std::chrono::seconds{90});
  return endings(clients);
}

/// Asks for the largest answers that there are, and reads none of them.
std::string never_reading(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, kConnections);
  const std::string get = "GET /api/tickets?limit=1000 HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string many;
  for (int i = 0; i < kAnswersEach; ++i) many += get;
  for (RawClient& client : clients) client.send(many);
  target.good.wait_for(2 * kServed);
  // A few of them for all: what is read now is soon as much as a disk holds.
  for (std::size_t i = 0; i < clients.size(); i += 20) {
    int whole = 0;
    while (whole < kAnswersEach && clients[i].read_response().status == 200) ++whole;
    if (whole < kAnswersEach) return "cut off";
  }
  return "all of it";
}

/// Reserves tickets that nobody has offered, as often as one address may.
std::string waiting(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, kManyConnections);
  const std::string body = order_for("none");
  const std::string order =
      post("/api/orders", "Authorization: Bearer " + target.token + "\r\nConnection: close\r\n" +
                              with_length(body.size())) +
      body;
  for (RawClient& client : clients) client.send(order);
  const std::string seen = endings(clients);
  target.good.wait_for(kServed);
  return seen;
}

// ---- in two minds ----

/// No request may hide in another: whatever is sent, there is one answer and the end.
std::string smuggling(const Target& target) {
  const std::string hidden = "GET /api/tickets HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::vector<std::string> shapes{"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                                        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                                        "Content-Length: 5\r\nContent-Length: 6\r\n",
                                        "Content-Length: 5\r\ncontent-length: 5\r\n",
                                        "Content-Length: 5, 5\r\n",
                                        "Content-Length: +5\r\n",
                                        "Content-Length: 0x5\r\n",
                                        "Content-Length: -1\r\n",
                                        "Content-Length: \r\n",
                                        "Content-Length : 5\r\n",
                                        "Content-Length: 5\r\n Transfer-Encoding: chunked\r\n",
                                        "Content-Length: 5\n",
                                        "Content-Length: 0\r\nX: a\rTransfer-Encoding: chunked\r\n",
                                        "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
                                        "Transfer-Encoding : chunked\r\n",
                                        "Host: b\r\nContent-Length: 0\r\n",
                                        std::string("X: a\0b\r\nContent-Length: 0\r\n", 27)};
  for (const std::string& shape : shapes) {
    RawClient client{target.port};
    client.send(post("/api/users/signout", shape) + "0\r\n\r\n" + hidden);
    if (const std::string end = ending(client); end != "400, closed") return end + ": " + shape;
  }
  target.good.wait_for(kServed);
  return "400, closed";
}

std::string pipelining(const Target& target) {
  constexpr int kRequests = 1'000;
  RawClient client{target.port};
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += kGet;
  client.send(all);
  int served = 0;
  while (served < kRequests && client.read_response().status == 200) ++served;
  target.good.wait_for(kServed);
  return served == kRequests ? "200" : std::to_string(served) + " answers";
}

std::string half_closed(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, kConnections);
  for (RawClient& client : clients) {
    client.send(kGet + kStart);
    ::shutdown(client.fd(), SHUT_WR);
  }
  target.good.wait_for(kServed);
  return endings(clients);
}

/// Guesses at passwords side by side, as if each came from another address.
std::string spoofed_address(const Target& target) {
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    const std::string address = "198.51.100." + std::to_string(i);
    const std::string body = credentials(fresh_email(), "a wrong password");
    clients.emplace_back(target.port, "127.0.0.3")
        .send(post("/api/users/signin", "REMOTE_ADDR: " + address + "\r\nX-Forwarded-For: " +
                                            address + "\r\n" + with_length(body.size())) +
              body);
  }
  std::map<int, int> answers;
  for (RawClient& client : clients) ++answers[client.read_response().status];
  target.good.wait_for(kServed);
  const bool as_said = answers[400] <= 20 && answers[400] + answers[429] == 100;
  return as_said ? "429" : "never refused";
}

std::string too_many_connections(const Target& target) {
  std::vector<RawClient> clients = crowd(target.port, 3 * kManyConnections);
  std::map<int, int> answers;
  for (RawClient& client : clients) {
    client.send(kGet);
    ++answers[client.read_response().status];
  }
  target.good.wait_for(kServed);
  const bool as_said = answers[200] > 0 && answers[200] <= 1'024 && answers[503] > 0 &&
                       answers[200] + answers[503] + answers[0] == 3 * kManyConnections;
  return as_said ? "503, closed" : std::to_string(answers[200]) + " served";
}

}  // namespace

void warm_up(std::uint16_t port) {
  for (int round = 0; round < 20; ++round) {
    std::vector<RawClient> clients = crowd(port, kConnections);
    for (RawClient& client : clients)
      client.send(post("/api/orders", with_length(2)) + "{}" + kGet);
    for (RawClient& client : clients) client.read_response();
    for (RawClient& client : clients) client.read_response();
  }
}

std::vector<Attack> attacks() {
  return {
      {"a chunked body of 64 MiB", "411, closed", &chunked_body},
      {"a body of 64 MiB", "413, closed", &announced_body},
      {"a gzip bomb", "415, closed", &gzip_bomb},
      {"a header line of 64 MiB", "431, closed", &header_line},
      {"a request line of 64 MiB", "414, closed", &request_line},
      {"200,000 headers", "431, closed", &many_headers},
      {"200 uploads of 1 MiB but a byte", "400, or 503 beyond the memory for all",
       &unfinished_uploads},
      {"300 uploads of 1 MiB of brackets", "400, or 503 beyond the memory for all", &whole_uploads},
      {"a head, byte by byte, on 200 connections", "408, closed", &dripping_head},
      {"a body, byte by byte, on 200 connections", "408, closed", &dripping_body, true},
      {"1,000 idle connections", "200", &idle_connections},
      {"1,000 connections, idle until they are closed", "closed", &idle_to_the_end, true},
      {"8,000 large answers that nobody reads", "cut off", &never_reading},
      {"1,000 orders that wait for a ticket", "404, closed", &waiting},
      {"17 shapes of request smuggling", "400, closed", &smuggling},
      {"1,000 requests in one go", "200", &pipelining},
      {"200 clients that close half", "200, closed", &half_closed},
      {"100 passwords guessed at once under spoofed addresses", "429", &spoofed_address, false,
       true},
      {"3,000 connections from one address", "503, closed", &too_many_connections},
  };
}

void forget_peak(int process) {
  std::ofstream{"/proc/" + std::to_string(process) + "/clear_refs"} << 5;
}

long peak_kib(int process) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  throw std::runtime_error("no VmHWM of process " + std::to_string(process));
}

}  // namespace ticketing::test
