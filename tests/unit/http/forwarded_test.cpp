// Who a request comes from, by what trusted proxies say and by nothing that anybody else says.

#include "http/forwarded.hpp"

#include "server_fixture.hpp"

namespace ticketing::test {
namespace {

using http::client_address;

const std::vector<std::string> kTrusted{"10.0.0.1", "fd00::1"};

TEST(Forwarded, nobody_is_believed_by_default) {
  EXPECT_EQ(client_address("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}}, {}), "10.0.0.1");
}

TEST(Forwarded, a_peer_that_is_no_trusted_proxy_is_not_believed) {
  EXPECT_EQ(client_address("192.0.2.9", {{"X-Forwarded-For", "192.0.2.7"}}, kTrusted), "192.0.2.9");
}

TEST(Forwarded, a_trusted_proxy_names_the_client) {
  EXPECT_EQ(client_address("10.0.0.1", {{"x-forwarded-for", "192.0.2.7"}}, kTrusted), "192.0.2.7");
  EXPECT_EQ(client_address("fd00::1", {{"X-Forwarded-For", " 2001:db8::7 "}}, kTrusted),
            "2001:db8::7");
}

TEST(Forwarded, what_a_client_has_written_itself_does_not_count) {
  EXPECT_EQ(client_address("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 192.0.2.7"}}, kTrusted),
            "192.0.2.7");
  EXPECT_EQ(
      client_address("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "192.0.2.7"}},
                     kTrusted),
      "192.0.2.7");
}

TEST(Forwarded, proxies_behind_one_another_are_passed_over) {
  EXPECT_EQ(client_address("10.0.0.1", {{"X-Forwarded-For", "192.0.2.7, fd00::1"}}, kTrusted),
            "192.0.2.7");
}

TEST(Forwarded, without_an_address_it_is_the_proxy) {
  for (const std::string value : {"", ",", "unknown", "192.0.2.7:80", "192.0.2.7,", "fd00::1"}) {
    EXPECT_EQ(client_address("10.0.0.1", {{"X-Forwarded-For", value}}, kTrusted), "10.0.0.1")
        << value;
  }
  EXPECT_EQ(client_address("10.0.0.1", {}, kTrusted), "10.0.0.1");
}

HandlerResult tell_remote(Request& request, const Attempt&) {
  return {Response::json(200, request.remote)};
}

const std::string kForwarded =
    "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.7\r\nREMOTE_ADDR: 192.0.2.8\r\n\r\n";

TEST(Forwarded, a_server_believes_the_kernel) {
  RunningServer server{tell_remote};
  EXPECT_EQ(server.exchange(kForwarded).body, "127.0.0.1");
}

TEST(Forwarded, a_server_believes_the_proxies_that_it_is_told_to) {
  HttpOptions options = options_with(1);
  options.trusted_proxies = {"127.0.0.1"};
  RunningServer server{tell_remote, options};
  EXPECT_EQ(server.exchange(kForwarded).body, "192.0.2.7");
}

TEST(Forwarded, a_trusted_proxy_has_as_many_connections_as_there_are) {
  HttpOptions options = options_with(1);
  options.limits.connections_per_address_max = 1;
  options.trusted_proxies = {"127.0.0.1"};
  RunningServer server{echo, options};
  RawClient first = server.connect();
  EXPECT_EQ(first.exchange(kGet).status, 200);
  EXPECT_EQ(server.exchange(kGet).status, 200);
}

}  // namespace
}  // namespace ticketing::test
