#pragma once
// Changes a program's command line: of a flag that is given twice, it is not said which one counts.

#include <algorithm>
#include <string>

#include "support/process.hpp"

namespace ticketing::test {

inline void set_flag(Command& command, const std::string& name, const std::string& value) {
  auto& words = command.arguments;
  const auto flag = std::find(words.begin(), words.end(), "--" + name);
  if (flag == words.end()) {
    words.insert(words.end(), {"--" + name, value});
  } else {
    *std::next(flag) = value;
  }
}

}  // namespace ticketing::test
