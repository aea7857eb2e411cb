#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "forge.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing {
namespace {

/// Random that repeats one byte, so that a test knows the key.
class FixedRandom : public Random {
 public:
  explicit FixedRandom(unsigned char byte) : byte_{byte} {}
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = byte_;
  }

 private:
  std::byte byte_;
};

class KeyFile : public ::testing::Test {
 protected:
  KeyFile() {
    std::string name = (std::filesystem::temp_directory_path() / "key_file.XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    path_ = folder_ / "signing.key";
  }
  ~KeyFile() override { std::filesystem::remove_all(folder_); }

  std::string load(unsigned char byte = 1) {
    FixedRandom random(byte);
    return SigningKey::load_or_create(path_.string(), random).key_id();
  }
  void write(const std::string& text, ::mode_t mode = 0600) {
    std::ofstream(path_) << text;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  /// The code of the error that load() throws.
  std::optional<ErrorCode> refusal() {
    try {
      load();
    } catch (const Error& error) {
      // The key must not leak through the message.
      EXPECT_EQ(std::string(error.what()).find("010101"), std::string::npos);
      return error.code();
    }
    return std::nullopt;
  }
  std::string text() {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

std::string good_hex() {
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "01";
  return hex;
}

TEST_F(KeyFile, is_made_when_missing_for_its_owner_only) {
  EXPECT_EQ(load(), SigningKey(testing::seed_of(1)).key_id());
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(text(), good_hex() + '\n');
}

TEST_F(KeyFile, leaves_nothing_else_behind) {
  load();
  const std::filesystem::directory_iterator files(folder_);
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(KeyFile, keeps_its_key) { EXPECT_EQ(load(1), load(2)); }

TEST_F(KeyFile, is_read_with_and_without_line_end_in_either_case) {
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "Ab";
  write(hex);
  EXPECT_EQ(load(), SigningKey(testing::seed_of(0xab)).key_id());
  write(hex + '\n');
  EXPECT_EQ(load(), SigningKey(testing::seed_of(0xab)).key_id());
}

TEST_F(KeyFile, that_others_can_read_is_refused) {
  for (const ::mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U}) {
    write(good_hex(), mode);
    EXPECT_EQ(refusal(), ErrorCode::corrupt) << std::oct << mode;
  }
  write(good_hex(), 0400);
  EXPECT_EQ(refusal(), std::nullopt);
}

TEST_F(KeyFile, that_is_garbled_is_refused_and_left_alone) {
  const std::string hex = good_hex();
  for (const std::string& bad :
       {std::string(), std::string("\n"), hex.substr(1), hex.substr(2), hex + '0', hex + "01",
        hex + "\n\n", hex + '\0', 'g' + hex.substr(1), '\xb0' + hex.substr(1), ' ' + hex, hex + ' ',
        hex.substr(1) + ':', hex + std::string(5000, '0')}) {
    write(bad);
    EXPECT_EQ(refusal(), ErrorCode::corrupt) << bad;
    EXPECT_EQ(text(), bad);
  }
}

TEST_F(KeyFile, that_is_no_regular_file_is_refused) {
  ASSERT_TRUE(std::filesystem::create_directory(path_));
  EXPECT_EQ(refusal(), ErrorCode::corrupt);
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(refusal(), ErrorCode::corrupt);
}

TEST_F(KeyFile, that_cannot_be_written_is_reported) {
  path_ = folder_ / "missing" / "signing.key";
  EXPECT_EQ(refusal(), ErrorCode::unavailable);
}

TEST_F(KeyFile, of_two_that_start_at_once_both_use_the_same_key) {
  std::array<std::string, 8> ids;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back([&, i] { ids[i] = load(static_cast<unsigned char>(i + 1)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
}

}  // namespace
}  // namespace ticketing
