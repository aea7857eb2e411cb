#include "ticketing/http/client.hpp"

#include <gtest/gtest.h>

#include "server_fixture.hpp"
#include "support/process.hpp"

namespace ticketing::test {
namespace {

std::string origin_of(RunningServer& server) {
  return "http://127.0.0.1:" + std::to_string(server->port());
}

ErrorCode code_of(const std::function<void()>& call, std::string* text = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (text != nullptr) *text = error.what();
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::corrupt;
}

TEST(Client, one_connection_carries_many_requests) {
  RunningServer server;
  HttpClient client{origin_of(server)};
  for (int i = 0; i < 100; ++i) {
    const Response response = client.send("POST", "/a%20b?x=1+2", {}, "{}");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "POST /a b x=1 2|{}");
    EXPECT_EQ(response.content_type, "application/json");
  }
  EXPECT_EQ(server->stats().connections_open, 1U);
}

TEST(Client, every_status_is_an_answer) {
  RunningServer server{[](Request& request, const Attempt&) {
    return HandlerResult{Response::json(std::stoi(request.path.substr(1)), "{}")};
  }};
  HttpClient client{origin_of(server)};
  for (const int status : {200, 201, 400, 404, 412, 429, 500, 503}) {
    EXPECT_EQ(client.send("GET", "/" + std::to_string(status)).status, status);
  }
  EXPECT_EQ(client.send("DELETE", "/204").status, 204);
  EXPECT_EQ(client.send("HEAD", "/200").body, "");
}

TEST(Client, a_body_is_json_unless_said_otherwise) {
  RunningServer server{[](Request& request, const Attempt&) {
    return HandlerResult{
        Response::json(200, std::string{request.header("content-type").value_or("-")})};
  }};
  HttpClient client{origin_of(server)};
  EXPECT_EQ(client.send("POST", "/", {}, "{}").body, "application/json");
  EXPECT_EQ(client.send("POST", "/", {{"content-type", "text/x"}}, "{}").body, "text/x");
  EXPECT_EQ(client.send("GET", "/").body, "-");
}

TEST(Client, a_server_that_is_not_there_is_unavailable_and_said_clearly) {
  const std::string origin = "http://127.0.0.1:" + std::to_string(free_port());
  HttpClient client{origin};
  std::string text;
  EXPECT_EQ(code_of([&] { client.send("GET", "/"); }, &text), ErrorCode::unavailable);
  EXPECT_EQ(text, "cannot reach " + origin + ": connection refused; is the server running?");
}

TEST(Client, an_answer_that_does_not_come_is_unavailable) {
  Gate gate;
  RunningServer server{[&](Request& request, const Attempt& attempt) {
    gate.pass();
    return echo(request, attempt);
  }};
  HttpClient client{origin_of(server), std::chrono::milliseconds{50}};
  EXPECT_EQ(code_of([&] { client.send("GET", "/"); }), ErrorCode::unavailable);
  gate.open();
}

TEST(Client, a_server_that_comes_back_is_found_again) {
  HttpOptions options = options_with(1);
  options.listen = "127.0.0.1:" + std::to_string(free_port());
  auto server = std::make_unique<RunningServer>(echo, options);
  HttpClient client{origin_of(*server)};
  EXPECT_EQ(client.send("GET", "/").status, 200);
  server.reset();
  EXPECT_EQ(code_of([&] { client.send("GET", "/"); }), ErrorCode::unavailable);
  RunningServer again{echo, options};
  EXPECT_EQ(client.send("GET", "/").status, 200);
}

TEST(Client, origins_of_another_form_are_invalid) {
  for (const char* origin : {"", "127.0.0.1:80", "https://a:1", "http://", "http://a:b",
                             "http://a:1/path", "http://user@a:1", "http://a b:1"}) {
    EXPECT_EQ(code_of([&] { HttpClient{origin}; }), ErrorCode::invalid) << origin;
  }
}

TEST(Client, nothing_can_be_smuggled_into_a_request) {
  RunningServer server;
  HttpClient client{origin_of(server)};
  const auto invalid = [&](auto... arguments) {
    EXPECT_EQ(code_of([&] { client.send(arguments...); }), ErrorCode::invalid);
  };
  invalid("GET", "/a HTTP/1.1\r\nX: y");
  invalid("GET ", "/");
  invalid("GET", "/", Headers{{"X", "a\r\nY: b"}});
  invalid("GET", "/", Headers{{"X\n", "a"}});
}

}  // namespace
}  // namespace ticketing::test
