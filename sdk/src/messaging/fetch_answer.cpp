#include "messaging/fetch_answer.hpp"

#include <algorithm>

#include "ticketing/core/error.hpp"

namespace ticketing {

namespace {

constexpr std::size_t kEventsPerAnswerMax = 1'000;

void take_report(const HostedLogs& logs, const std::string& line, Speaker speaker) {
  const wire::Report report = wire::decode_report(line);
  if (speaker != Speaker::itself) return;
  const auto log = logs.find(report.log);
  if (log != logs.end() && log->second.id == report.log_id) log->second.on_reader(report.reader);
}

/// Whoever does not know of snapshots would wait for ever for the versions that are gone.
void check_reads_snapshots(const wire::FetchRequest& request, const LogPage& page) {
  if (request.reader || request.query.after >= page.horizon) return;
  throw Error(ErrorCode::refused, "up to offset " + std::to_string(page.horizon) +
                                      " this log is a snapshot, which takes a newer reader");
}

}  // namespace

wire::Frames answer_fetch(const HostedLogs& logs, const std::string& line, Logger& logger,
                          Speaker speaker, std::size_t bytes_max) {
  try {
    if (wire::is_report(line)) return take_report(logs, line, speaker), wire::Frames{};
  } catch (const Error& error) {
    logger.warning("refused a report", {{"reason", error.what()}});
    return {};
  }
  wire::FetchAnswer answer;
  try {
    wire::FetchRequest request = wire::decode_fetch_request(line);
    answer.number = request.number;
    answer.log = request.log;
    const auto log = logs.find(request.log);
    if (log == logs.end()) {
      throw Error(ErrorCode::not_found, "no log of that name is hosted here");
    }
    answer.log_id = log->second.id;
    // A subscriber of another log of that name learns our id, and nothing else.
    if (!request.log_id.empty() && request.log_id != answer.log_id) return wire::encode(answer);
    const bool has_name = request.reader && !request.reader->consumer.empty();
    if (has_name && speaker == Speaker::itself) log->second.on_reader(*request.reader);
    request.query.count_max = std::min(request.query.count_max, kEventsPerAnswerMax);
    request.query.bytes_max = bytes_max;
    LogPage page = log->second.read(request.query);
    check_reads_snapshots(request, page);
    if (request.reader) answer.horizon = page.horizon;
    answer.covered_to = page.covered_to;
    answer.head = page.head;
    for (LogEntry& entry : page.entries) {
      answer.events.push_back({entry.offset, std::move(entry.envelope)});
    }
  } catch (const Error& error) {
    logger.warning("refused a fetch", {{"reason", error.what()}});
    answer.error = std::string{policy_of(error.code()).word} + ' ' + error.what();
  }
  return wire::encode(std::move(answer));
}

}  // namespace ticketing
