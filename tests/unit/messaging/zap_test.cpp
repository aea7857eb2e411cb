// Who is let in where, and what they may fetch: decided without sockets.

#include "messaging/zap.hpp"

#include <gtest/gtest.h>

#include "messaging/rate_limit.hpp"

namespace ticketing {
namespace {

using namespace std::chrono_literals;

// From RFC 32, Z85's test vector, four times.
const std::string kKeyBytes{
    "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B"
    "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B",
    32};
const std::string kKey = "HelloWorldHelloWorldHelloWorldHelloWorld";

wire::Frames question(const std::string& domain, const std::string& key = kKeyBytes) {
  return {"1.0", "7", domain, "127.0.0.1", "", "CURVE", key};
}

AllowList allowing(const std::string& subjects) {
  return AllowList::parse("shop " + kKey + " " + subjects, "test");
}

std::string_view refusal(std::string_view domain, const std::string& subjects) {
  const AllowList list = allowing(subjects);
  return zap::judge(*zap::decode(question(std::string{domain})), list).refusal;
}

TEST(Zap, reads_what_libzmq_asks) {
  const auto request = zap::decode(question("live"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, "7");
  EXPECT_EQ(request->domain, "live");
  EXPECT_EQ(request->address, "127.0.0.1");
  EXPECT_EQ(request->public_key, kKey);
  EXPECT_FALSE(zap::decode({}));
  EXPECT_FALSE(zap::decode({"2.0", "7", "live", "", "", "CURVE", kKeyBytes}));
}

TEST(Zap, who_shows_no_key_is_unknown) {
  const AllowList list = allowing("*");
  for (const wire::Frames& frames :
       {wire::Frames{"1.0", "7", "live", "", "", "NULL"},
        wire::Frames{"1.0", "7", "live", "", "", "PLAIN", "shop", kKeyBytes},
        wire::Frames{"1.0", "7", "live", "", "", "PLAIN", kKeyBytes}, question("live", ""),
        question("live", kKeyBytes.substr(1)), question("live", std::string(32, 'x'))}) {
    const auto request = zap::decode(frames);
    ASSERT_TRUE(request);
    EXPECT_EQ(zap::judge(*request, list).refusal, zap::kUnknownKey) << frames[5];
  }
}

TEST(Zap, the_socket_with_all_events_is_for_those_who_may_read_all) {
  EXPECT_EQ(refusal(zap::kLive, "*"), "");
  EXPECT_EQ(refusal(zap::kLive, "order:*"), zap::kNotAllowed);
  EXPECT_EQ(refusal(zap::kLive, "-"), zap::kNotAllowed);
}

TEST(Zap, whoever_may_read_anything_may_hear_of_news_and_fetch) {
  for (const std::string_view domain : {zap::kLimited, zap::kFetch}) {
    EXPECT_EQ(refusal(domain, "*"), "");
    EXPECT_EQ(refusal(domain, "order:created"), "");
    EXPECT_EQ(refusal(domain, "-"), zap::kNotAllowed);
  }
}

TEST(Zap, the_answer_names_the_peer_or_nobody) {
  const AllowList list = allowing("*");
  const auto request = *zap::decode(question("live"));
  EXPECT_EQ(zap::encode(request, zap::judge(request, list)),
            (wire::Frames{"1.0", "7", "200", "", "shop", ""}));
  EXPECT_EQ(zap::encode(request, zap::judge(request, AllowList{})),
            (wire::Frames{"1.0", "7", "400", "unknown_key", "", ""}));
}

std::string fetch_error(const std::string& subjects, const std::string& wanted) {
  const AllowList list = allowing(subjects);
  const auto refusal =
      zap::refuse_fetch(list.peers().front(), "v1 fetch 9 orders - 0 9 9" + wanted);
  return refusal ? wire::decode_fetch_answer(*refusal).error : std::string{};
}

TEST(FetchRefusal, says_what_may_not_be_read) {
  EXPECT_EQ(fetch_error("*", ""), "");
  EXPECT_EQ(fetch_error("*", " order:created"), "");
  EXPECT_EQ(fetch_error("order:*", " order:created order:cancelled"), "");
  EXPECT_EQ(fetch_error("order:*", " order:created user:created"),
            "unauthorized the allow-list does not let \"shop\" read user:created");
  EXPECT_EQ(fetch_error("order:*", ""),
            "unauthorized the allow-list does not let \"shop\" read all subjects");
  EXPECT_NE(fetch_error("-", " order:created"), "");
}

TEST(FetchRefusal, bears_the_number_of_the_question_and_leaves_nonsense_to_others) {
  const AllowList list = allowing("order:*");
  const AllowedPeer& shop = list.peers().front();
  const auto refusal = zap::refuse_fetch(shop, "v1 fetch 42 users - 0 9 9");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(wire::decode_fetch_answer(*refusal).number, 42U);
  EXPECT_FALSE(zap::refuse_fetch(shop, "nonsense"));
}

TEST(ForeignConsumer, is_one_that_the_peer_has_not_the_name_of) {
  AllowedPeer peer = allowing("*").peers().front();
  peer.names = {"shop", "carts"};
  const auto foreign = [&](const std::string& line) { return zap::foreign_consumer(peer, line); };
  EXPECT_EQ(foreign("v1 report orders id shop 4"), "");
  EXPECT_EQ(foreign("v1 report orders id carts 4"), "");
  EXPECT_EQ(foreign("v1 report orders id audit 4"), "audit");
  EXPECT_EQ(foreign("v1 report orders id audit x"), "") << "no report at all";
  EXPECT_EQ(foreign("v1 fetch 9 orders - 0 9 9 ~reader=audit@3"), "audit");
  EXPECT_EQ(foreign("v1 fetch 9 orders - 0 9 9 ~reader=carts@3 order:created"), "");
  EXPECT_EQ(foreign("v1 fetch 9 orders - 0 9 9 ~reader=-@0"), "") << "nobody";
  EXPECT_EQ(foreign("v1 fetch 9 orders - 0 9 9 order:created"), "");
}

TEST(RateLimit, says_a_thing_once_in_a_while_and_how_often_it_was_held_back) {
  RateLimit limit{10s};
  EXPECT_EQ(limit.say("a", 0s), 0U);
  EXPECT_EQ(limit.say("a", 1s), std::nullopt);
  EXPECT_EQ(limit.say("b", 1s), 0U);
  EXPECT_EQ(limit.say("a", 9s), std::nullopt);
  EXPECT_EQ(limit.say("a", 10s), 2U);
  EXPECT_EQ(limit.say("a", 19s), std::nullopt);
  EXPECT_EQ(limit.say("a", 20s), 1U);
}

}  // namespace
}  // namespace ticketing
