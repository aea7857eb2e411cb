#include "http/httplib_adapter.hpp"

#include <httplib.h>

#include <algorithm>
#include <cstring>

#include "http/text.hpp"

namespace ticketing::http {
namespace {

/// Feeds httplib from memory and takes what it writes into memory.
class MemoryStream final : public httplib::Stream {
 public:
  MemoryStream(std::string_view method_and_path, std::string& out)
      : line_(method_and_path), out_(out) {}

  bool is_readable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    std::string_view& from = line_.empty() ? rest_ : line_;
    const std::size_t count = std::min(size, from.size());
    std::memcpy(to, from.data(), count);
    from.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    out_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }
#ifdef CPPHTTPLIB_VERSION_NUM  // Upstream, long after Debian's 0.11.4.
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  time_t duration() const override { return 0; }
#else
  bool is_writable() const override { return true; }
#endif

 private:
  std::string_view line_;
  std::string_view rest_ = " HTTP/1.1\r\n\r\n";
  std::string& out_;
};

}  // namespace

class HttplibAdapter::Engine final : public httplib::Server {
 public:
  Engine() {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      // What httplib adds and we do not promise; RFC 9110 section 8.6 forbids a length with 204.
      response.headers.erase("Keep-Alive");
      response.headers.erase("Accept-Ranges");
      if (response.status == 204) response.headers.erase("Content-Length");
    });
  }

  Outcome run(std::string_view line, bool close, const Answer& answer, std::string& out) {
    answer_ = &answer;
    outcome_ = Outcome::malformed;
    const std::size_t before = out.size();
    const std::string_view start = line.substr(0, line.rfind(' '));
    const std::size_t mark = std::min(start.find('?'), start.size());
    query_ = start.substr(mark);
    MemoryStream stream{start.substr(0, mark), out};
    bool closed = false;
#ifdef CPPHTTPLIB_VERSION_NUM
    process_request(stream, {}, 0, {}, 0, close, closed, nullptr);
#else
    process_request(stream, close, closed, nullptr);
#endif
    if (outcome_ != Outcome::answered) out.resize(before);
    return outcome_;
  }

 private:
  void answer(const httplib::Request& from, httplib::Response& to) {
    Request request;
    request.method = from.method;
    request.path = from.path;
    // httplib would lose order, duplicates and what stands before a second `=`, and refuse a
    // second `?`.
    if (!query_.empty()) request.query = parse_query(query_.substr(1));
    auto response = (*answer_)(request);
    to.status = 200;
    outcome_ = response ? Outcome::answered : Outcome::waiting;
    if (response) fill(std::move(*response), to);
  }

  static void fill(Response&& from, httplib::Response& to) {
    to.status = from.status;
    // set_header() drops values with line breaks in them.
    for (const auto& [name, value] : from.headers) to.set_header(name, value);
    if (from.status == 204) return;
    if (!from.body.empty()) to.set_header("Content-Type", from.content_type);
    to.body = std::move(from.body);
  }

  const Answer* answer_ = nullptr;
  std::string_view query_;  ///< Of the line at hand, with its question mark.
  Outcome outcome_ = Outcome::malformed;
};

HttplibAdapter::HttplibAdapter() : engine_(std::make_unique<Engine>()) {}
HttplibAdapter::~HttplibAdapter() = default;

HttplibAdapter::Outcome HttplibAdapter::run(std::string_view line, bool close, const Answer& answer,
                                            std::string& out) {
  return engine_->run(line, close, answer, out);
}

void HttplibAdapter::write(Response response, bool after_head, bool close, std::string& out) {
  const std::string_view line = after_head ? "HEAD / HTTP/1.1\r\n" : "GET / HTTP/1.1\r\n";
  run(
      line, close, [&](Request&) { return std::move(response); }, out);
}

}  // namespace ticketing::http
