#pragma once
// What an example prints, from the file beside this one that has its name.

#include <fstream>
#include <sstream>
#include <string>

namespace ticketing::test {

inline std::string expected_of(const std::string& example) {
  std::ifstream file{TICKETING_EXPECTED "/" + example + ".expected"};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace ticketing::test
