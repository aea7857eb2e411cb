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
