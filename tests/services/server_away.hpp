#pragma once
// ServerAway: what tests of a program share whose database or bus is not there.

#include <gtest/gtest.h>

#include <string>

#include "support/process.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/http/client.hpp"

namespace ticketing::test {

class ServerAway : public testing::Test {
 protected:
  bool is_ready() const {
    try {
      return HttpClient{"http://" + admin_}.send("GET", "/readyz").status == 200;
    } catch (const Error&) {
      return false;  // It does not listen.
    }
  }

  const TempFolder folder_;
  const std::string admin_ = "127.0.0.1:" + std::to_string(free_port());
};

}  // namespace ticketing::test
