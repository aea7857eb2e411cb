#pragma once
// What the benchmarks print: a table of figures, each beside its reference and its goal.

#include <string>
#include <vector>

namespace bench {

struct Figure {
  std::string what;
  std::string value;
  std::string reference;  ///< What it was measured beside, in the same run; may be empty.
  std::string ratio;
  std::string goal;
  bool reached = true;
};

/// Prints the table as Markdown, so that it can stand in the docs as it is.
void print(const std::vector<Figure>& figures);

/// The value at `fraction` (0..1) of `values`, which are sorted for it.
double quantile(std::vector<double>& values, double fraction);
double median(std::vector<double> values);
std::string with_commas(double number);
std::string in_milliseconds(double seconds);

}  // namespace bench
