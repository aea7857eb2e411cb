#include "profile.hpp"

#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kServer = "http://127.0.0.1:8080";

Profile profile_in(FakeWorld& fake, const char* name = "default") {
  return Profile{name, fake.view().variable};
}

TEST(Profile, a_token_is_kept_for_its_server_alone) {
  FakeWorld fake;
  const Profile profile = profile_in(fake);
  EXPECT_EQ(profile.token_for(kServer), "");
  profile.keep(kServer, "abc.def");
  EXPECT_EQ(profile.token_for(kServer), "abc.def");
  EXPECT_EQ(profile.token_for("http://elsewhere:8080"), "");
  profile.keep(kServer, "newer");
  EXPECT_EQ(profile.token_for(kServer), "newer");
  profile.forget();
  EXPECT_EQ(profile.token_for(kServer), "");
  profile.forget();
}

TEST(Profile, nobody_else_can_read_it) {
  FakeWorld fake;
  const Profile profile = profile_in(fake);
  profile.keep(kServer, "abc");
  EXPECT_EQ(fs::status(profile.path()).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(profile.path().parent_path()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(std::distance(fs::directory_iterator{profile.path().parent_path()}, {}), 1);
}

TEST(Profile, one_that_others_can_read_is_refused) {
  FakeWorld fake;
  const Profile profile = profile_in(fake);
  profile.keep(kServer, "abc");
  fs::permissions(profile.path(), fs::perms::group_read, fs::perm_options::add);
  EXPECT_THROW((void)profile.token_for(kServer), Error);
}

TEST(Profile, profiles_do_not_mix) {
  FakeWorld fake;
  profile_in(fake, "seller").keep(kServer, "s");
  profile_in(fake, "buyer").keep(kServer, "b");
  EXPECT_EQ(profile_in(fake, "seller").token_for(kServer), "s");
}

TEST(Profile, a_name_cannot_lead_elsewhere) {
  FakeWorld fake;
  for (const char* name : {"", ".", "..", "../x", "a/b", ".hidden", "a b", "\n"}) {
    EXPECT_THROW(profile_in(fake, name), Error) << name;
  }
}

class ProfileVerbs : public testing::Test {
 protected:
  ProfileVerbs() { fake.variables["XDG_CONFIG_HOME"] = (fake.home() / "config").string(); }
  fs::path config(const char* file) const { return fake.home() / "config" / "ticketing" / file; }

  FakeWorld fake;
};

TEST_F(ProfileVerbs, the_profile_in_use_is_that_which_was_chosen) {
  EXPECT_EQ(fake.run({"profile", "list"}), 0) << fake.err();
  EXPECT_EQ(fake.out(), "name     inUse  server  signedInAt\ndefault  yes\n");
  profile_in(fake, "seller").keep(kServer, "abc");
  EXPECT_EQ(
      fake.run({"profile", "use", "seller", "--server", "http://a:1/", "--peer", "tcp://a:2"}), 0);
  EXPECT_EQ(fake.err(), "profile seller is in use\n");
  EXPECT_EQ(fake.run({"profile", "list", "--json"}), 0);
  EXPECT_EQ(fake.out(), R"([{"name":"default","inUse":false,"server":"","signedInAt":""},)"
                        R"({"name":"seller","inUse":true,"server":"http://a:1",)"
                        R"("signedInAt":"http://127.0.0.1:8080"}])"
                        "\n");
}

TEST_F(ProfileVerbs, flag_beats_variable_beats_profile) {
  ASSERT_EQ(
      fake.run({"profile", "use", "far", "--server", "http://127.0.0.1:1", "--peer", "tcp://a:2"}),
      0);
  EXPECT_EQ(fake.run({"whoami"}), 6);
  EXPECT_NE(fake.err().find("cannot reach http://127.0.0.1:1"), std::string::npos) << fake.err();
  EXPECT_EQ(fake.run({"events", "replay"}), 0);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tcp://a:2"});
  fake.variables["TICKETING_PEER"] = "tcp://b:2";
  EXPECT_EQ(fake.run({"events", "replay"}), 0);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tcp://b:2"});
  EXPECT_EQ(fake.run({"events", "replay", "--peer", "tcp://c:2"}), 0);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tcp://c:2"});
  fake.variables.erase("TICKETING_PEER");
  EXPECT_EQ(fake.run({"events", "replay", "--profile", "default"}), 0);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tcp://127.0.0.1:7100"});
}

TEST_F(ProfileVerbs, choosing_again_keeps_the_addresses) {
  ASSERT_EQ(fake.run({"profile", "use", "far", "--peer", "tcp://a:2"}), 0);
  ASSERT_EQ(fake.run({"profile", "use", "default"}), 0);
  ASSERT_EQ(fake.run({"profile", "use", "far"}), 0);
  EXPECT_EQ(fake.run({"events", "replay"}), 0);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tcp://a:2"});
}

TEST_F(ProfileVerbs, a_removed_profile_leaves_nothing_behind) {
  profile_in(fake, "far").keep(kServer, "abc");
  ASSERT_EQ(fake.run({"profile", "use", "far", "--server", "http://a:1"}), 0);
  EXPECT_EQ(fake.run({"profile", "remove", "far"}), 0) << fake.err();
  EXPECT_FALSE(fs::exists(profile_in(fake, "far").path()));
  EXPECT_FALSE(fs::exists(config("far.profile")));
  EXPECT_FALSE(fs::exists(config("profile")));
  EXPECT_EQ(fake.run({"profile", "remove", "far"}), 3);
  EXPECT_EQ(fake.err(),
            "ticketctl: there is no profile far; see them with: ticketctl profile list\n");
}

TEST_F(ProfileVerbs, what_is_chosen_is_private_or_refused) {
  ASSERT_EQ(fake.run({"profile", "use", "far", "--server", "http://a:1"}), 0);
  EXPECT_EQ(fs::status(config("profile").parent_path()).permissions(), fs::perms::owner_all);
  for (const char* name : {"profile", "far.profile"}) {
    const fs::perms own = fs::perms::owner_read | fs::perms::owner_write;
    EXPECT_EQ(fs::status(config(name)).permissions(), own) << name;
    fs::permissions(config(name), fs::perms::others_write, fs::perm_options::add);
    EXPECT_EQ(fake.run({"whoami"}), 4);
    EXPECT_NE(fake.err().find("run: chmod 600 "), std::string::npos) << fake.err();
    EXPECT_EQ(fake.run({"--help"}), 0);
    fs::permissions(config(name), own);
  }
}

TEST_F(ProfileVerbs, a_name_that_is_none_is_wrong_usage) {
  EXPECT_EQ(fake.run({"profile", "use", "../x"}), 2);
  EXPECT_EQ(fake.run({"profile", "remove", "a/b"}), 2);
  EXPECT_EQ(fake.run({"profile", "usr", "x"}), 2);
  EXPECT_NE(fake.err().find("did you mean 'use'?"), std::string::npos) << fake.err();
}

TEST(Profile, state_is_kept_where_the_specification_says) {
  FakeWorld fake;
  fake.variables["HOME"] = "/people/someone";
  EXPECT_EQ(profile_in(fake).path(), fake.home() / "ticketing" / "default.token");
  fake.variables["XDG_STATE_HOME"] = "not/absolute";
  EXPECT_EQ(profile_in(fake).path(), "/people/someone/.local/state/ticketing/default.token");
  fake.variables.erase("XDG_STATE_HOME");
  EXPECT_EQ(profile_in(fake).path(), "/people/someone/.local/state/ticketing/default.token");
  fake.variables.erase("HOME");
  EXPECT_THROW(profile_in(fake), Error);
}

}  // namespace
}  // namespace ticketing::cli
