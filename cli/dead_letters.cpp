// Dead letters: dlq list, show, redrive, skip, over the admin listeners of the services' processes.

#include <algorithm>
#include <utility>

#include "invocation.hpp"
#include "ticketing/http/client.hpp"
#include "ticketing/http/page.hpp"
#include "ticketing/messaging/dead_letter.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

constexpr std::int64_t kPageMax = 1000;
constexpr std::string_view kUnavailable = "admin_unavailable";
constexpr std::array<std::string_view, 8> kColumns{"service",  "log",     "offset",      "state",
                                                   "attempts", "subject", "aggregateId", "reason"};

// ---- one process ----

Error another_server(const std::string& why) {
  return {ErrorCode::corrupt, "this is no admin listener of this version: " + why,
          std::string{kUnavailable}};
}

/// Runs `parse`; what it cannot read is the server's fault.
template <class F>
auto read(F parse) {
  try {
    return parse();
  } catch (const Error& error) {
    throw another_server(error.what());
  }
}

class Admin {
 public:
  explicit Admin(const std::string& origin) : http_(origin) {}

  std::optional<DeadLetterAnswer> find(const std::string& place) {
    const auto answer = send("GET", "/deadletters/" + place);
    if (!answer) return std::nullopt;
    return read([&] { return from_json<DeadLetterAnswer>(answer->body, {4 << 20, 64}); });
  }
  /// `what` is redrive or skip. False when no dead letter is at that place (any more).
  bool change(const std::string& place, const std::string& what) {
    return send("POST", "/deadletters/" + place + '/' + what).has_value();
  }
  /// Those that `filter` (`&state=dead`) lets through, behind the one whose id is `after`.
  std::vector<DeadLetterAnswer> page(const std::string& filter, const std::string& after) {
    std::string path = "/deadletters?limit=" + std::to_string(kPageMax) + filter;
    if (!after.empty()) path += "&after=" + url_encoded(after);
    const auto answer = send("GET", path);
    if (!answer) throw another_server("HTTP 404");
    return read([&] { return list_from_json<DeadLetterAnswer>(answer->body); });
  }

 private:
  /// nullopt: 404.
  std::optional<Response> send(std::string_view method, const std::string& path) {
    try {
      Response answer = http_.send(method, path, {{"Content-Type", "application/json"}});
      if (answer.status == 404) return std::nullopt;
      if (answer.status >= 300) throw error_of(answer);
      return answer;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unavailable) throw;
      throw Error{error.code(), error.what(), std::string{kUnavailable}};
    }
  }
  HttpClient http_;
};

/// The services have a flag of that name, and so the same variable; theirs has no scheme.
std::vector<Admin> admins_in(const Arguments& arguments) {
  std::vector<Admin> admins;
  for (const std::string& address : arguments.list("admin")) {
    const bool bare = address.find("://") == std::string::npos;
    try {
      admins.emplace_back(bare ? "http://" + address : address);
    } catch (const Error& error) {
      throw usage_error("--admin: " + std::string{error.what()});
    }
  }
  return admins;
}

/// Calls `visit` with each one that `filter` lets through and its process, until it says stop. One
/// that was passed is not met again, whatever becomes of it.
template <class F>
void for_each(std::vector<Admin>& admins, const std::string& filter, F visit) {
  for (Admin& admin : admins) {
    std::vector<DeadLetterAnswer> page;
    std::string after;
    do {
      page = admin.page(filter, after);
      for (const DeadLetterAnswer& letter : page) {
        if (!visit(admin, letter)) return;
      }
      if (!page.empty()) after = page.back().id;
    } while (std::ssize(page) == kPageMax);
  }
}

// ---- what the verbs read from the command line ----

std::string place_of(std::string_view service, std::string_view log, std::string_view offset) {
  std::string place = url_encoded(service);
  for (const std::string_view part : {log, offset}) place += '/' + url_encoded(part);
  return place;
}

std::string place_in(const Arguments& arguments) {
  const std::string offset = arguments.text("OFFSET");
  if (offset.empty() || offset.find_first_not_of("0123456789") != std::string::npos) {
    throw usage_error("OFFSET must be a whole number from 1 up");
  }
  return place_of(arguments.text("SERVICE"), arguments.text("LOG"), offset);
}

std::string service_filter(const Arguments& arguments) {
  const std::string service = arguments.text("service");
  return service.empty() ? "" : "&service=" + url_encoded(service);
}

std::string state_filter(const Arguments& arguments) {
  const std::string state = arguments.text("state");
  if (state.empty()) return {};
  const auto& states = kDeadLetterStates;
  if (std::find(states.begin(), states.end(), state) == states.end()) {
    throw usage_error("--state must be retry, behind or dead");
  }
  return "&state=" + state;
}

// ---- list, show ----

struct LettersOptions {
  std::vector<Admin> admins;
  std::string filter;
  std::int64_t limit;
};

LettersOptions parse_letters(const Arguments& arguments) {
  return {admins_in(arguments), service_filter(arguments) + state_filter(arguments),
          *arguments.number("limit", 1)};
}

void list(LettersOptions options, Invocation& invocation) {
  std::vector<DeadLetterAnswer> letters;
  bool more = false;
  for_each(options.admins, options.filter, [&](Admin&, const DeadLetterAnswer& letter) {
    more = std::ssize(letters) == options.limit;
    if (!more) letters.push_back(letter);
    return !more;
  });
  invocation.output().records(letters, kColumns);
  if (more) invocation.output().note("there are more; pass a higher --limit");
}

struct LetterOptions {
  std::vector<Admin> admins;
  std::string place;
  bool dry_run = false;
};

LetterOptions parse_letter(const Arguments& arguments) {
  return {admins_in(arguments), place_in(arguments)};
}

Error no_letter(const std::string& what, const std::string& place) {
  return {ErrorCode::not_found, what + " at " + place, "no_dead_letter"};
}

void show_letter(LetterOptions options, Invocation& invocation) {
  for (Admin& admin : options.admins) {
    if (const auto letter = admin.find(options.place)) return invocation.output().record(*letter);
  }
  throw no_letter("nothing is set aside", options.place);
}

// ---- redrive, skip ----

/// What became of one: a line each as it happens, so that whoever is interrupted knows how far it
/// came.
struct Change {
  std::string id;
  std::string outcome;

  static constexpr std::array kFields{field<&Change::id>("id"), field<&Change::outcome>("outcome")};
};

void print(const Change& change, Output& output) {
  output.line(output.json() ? to_json(change) : printable(change.id + ": " + change.outcome));
}

struct Verdict {
  std::string_view route;
  std::string_view done;
  std::string_view planned;  ///< In a dry run.
};
constexpr Verdict kRedrive{"redrive", "redriven", "would be redriven"};
constexpr Verdict kSkip{"skip", "skipped", "would be skipped"};
constexpr std::string_view kGone = "not dead any more";

/// False when no dead letter is there.
bool carry_out(const Verdict& verdict, Admin& admin, const std::string& place, bool dry_run) {
  if (!dry_run) return admin.change(place, std::string{verdict.route});
  const auto letter = admin.find(place);
  return letter && letter->state == "dead";
}

void change_one(const Verdict& verdict, LetterOptions options, Output& output) {
  for (Admin& admin : options.admins) {
    if (!carry_out(verdict, admin, options.place, options.dry_run)) continue;
    const std::string_view outcome = options.dry_run ? verdict.planned : verdict.done;
    return print({options.place, std::string{outcome}}, output);
  }
  throw no_letter("there is no dead letter", options.place);
}

void redrive_all(LettersOptions options, bool dry_run, Output& output) {
  const std::string outcome{dry_run ? kRedrive.planned : kRedrive.done};
  std::int64_t done = 0;
  std::int64_t gone = 0;
  for_each(options.admins, options.filter, [&](Admin& admin, const DeadLetterAnswer& letter) {
    const std::string place = place_of(letter.service, letter.log, std::to_string(letter.offset));
    const bool was_there = carry_out(kRedrive, admin, place, dry_run);
    ++(was_there ? done : gone);
    print({letter.id, was_there ? outcome : std::string{kGone}}, output);
    return true;
  });
  output.note(std::to_string(done) + ' ' + outcome + ", " + std::to_string(gone) + ' ' +
              std::string{kGone});
}

struct RedriveOptions {
  std::optional<LetterOptions> one;
  LettersOptions all;
  bool dry_run;
};

LetterOptions parse_change(const Arguments& arguments) {
  return {admins_in(arguments), place_in(arguments), arguments.is_set("dry-run")};
}

RedriveOptions parse_redrive(const Arguments& arguments) {
  const bool names_one = arguments.optional_text("SERVICE").has_value();
  if (names_one == arguments.is_set("all")) {
    throw usage_error("name one by SERVICE LOG OFFSET, or pass --all");
  }
  if (names_one) return {parse_change(arguments), {}, {}};
  return {{},
          {admins_in(arguments), "&state=dead" + service_filter(arguments), {}},
          arguments.is_set("dry-run")};
}

void redrive(RedriveOptions options, Invocation& invocation) {
  if (options.one) return change_one(kRedrive, std::move(*options.one), invocation.output());
  redrive_all(std::move(options.all), options.dry_run, invocation.output());
}

void skip(LetterOptions options, Invocation& invocation) {
  change_one(kSkip, std::move(options), invocation.output());
}

}  // namespace

void list_dead_letters(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_letters, &list>(arguments, invocation);
}

void show_dead_letter(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_letter, &show_letter>(arguments, invocation);
}

void redrive_dead_letters(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_redrive, &redrive>(arguments, invocation);
}

void skip_dead_letter(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_change, &skip>(arguments, invocation);
}

}  // namespace ticketing::cli
