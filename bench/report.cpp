#include "report.hpp"

#include <algorithm>
#include <cstdio>

namespace bench {

void print(const std::vector<Figure>& figures) {
  std::printf(
      "| what | measured | reference | ratio | goal | reached |\n|---|---|---|---|---|---|\n");
  for (const Figure& figure : figures) {
    std::printf("| %s | %s | %s | %s | %s | %s |\n", figure.what.c_str(), figure.value.c_str(),
                figure.reference.c_str(), figure.ratio.c_str(), figure.goal.c_str(),
                figure.goal.empty() ? ""
                : figure.reached    ? "yes"
                                    : "NO");
  }
  std::fflush(stdout);
}

double quantile(std::vector<double>& values, double fraction) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(last * fraction)];
}

double median(std::vector<double> values) { return quantile(values, 0.5); }

std::string with_commas(double number) {
  std::string digits = std::to_string(static_cast<long long>(number));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string in_milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", seconds * 1000);
  return text;
}

}  // namespace bench
