#include "ticketing/testing/bus_conformance.hpp"

#include <array>

#include "testing/conformance_cases.hpp"

namespace ticketing::testing {

namespace {

std::vector<ConformanceCase> all_cases() {
  std::vector<ConformanceCase> all;
  for (const auto& part : {cases_of_carriage(), cases_of_sides(), cases_of_refusal()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

ConformanceCase case_of(const std::string& name) {
  for (const ConformanceCase& one : all_cases()) {
    if (one.name == name) return one;
  }
  throw Error(ErrorCode::invalid, "the conformance suite has no case \"" + name + '"');
}

void append(std::string& line, const char* what, std::int64_t count) {
  if (count != 0) line += ", " + std::to_string(count) + ' ' + what;
}

}  // namespace

std::vector<std::string> bus_cases() {
  std::vector<std::string> names;
  for (const ConformanceCase& one : all_cases()) names.emplace_back(one.name);
  return names;
}

ConformanceReport run_bus_case(const std::string& name, const MakeTransport& make,
                               const ConformanceOptions& options) {
  const ConformanceCase chosen = case_of(name);
  ConformanceReport report;
  try {
    Stage stage{make, options};
    try {
      chosen.play(stage);
      report.passed = true;
    } catch (const std::exception& failure) {
      report.failure = failure.what();
    }
    stage.report_to(report);
  } catch (const std::exception& failure) {
    report.passed = false;
    report.failure = failure.what();
  }
  report.name = name;
  report.seed = options.seed;
  return report;
}

std::string to_text(const ConformanceReport& report) {
  std::string line = report.name + (report.passed ? ": held" : ": DID NOT HOLD") + " in " +
                     ticketing::to_text(report.took);
  append(line, "sent", report.sent);
  append(line, "applied", report.applied);
  append(line, "delivered again", report.repeated);
  append(line, "fetched", report.fetched);
  append(line, "messages lost", report.lost);
  append(line, "doubled", report.doubled);
  append(line, "reordered", report.reordered);
  append(line, "joins", report.joins);
  append(line, "restarts", report.restarts);
  append(line, "refusals", report.refusals);
  append(line, "events behind", report.lag_max);
  append(line, "KiB more memory", report.memory_growth_bytes >> 10);
  if (report.passed) return line;
  return line + "\n  " + report.failure + "\n  again with seed " + std::to_string(report.seed);
}

}  // namespace ticketing::testing
