#include "ticketing/storage/database.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "storage/sqlite_database.hpp"

namespace ticketing {

namespace {

constexpr int kExitFatal = 70;  // EX_SOFTWARE of sysexits.h.

std::atomic<void (*)(std::string_view)> fatal_handler{nullptr};

struct Engine {
  OpenDatabase open;
  std::string example;
};

std::map<std::string, Engine, std::less<>>& engines() {
  static std::map<std::string, Engine, std::less<>> all{
      {"sqlite", {&storage::open_sqlite, "sqlite:/path/to/file.db"}}};
  return all;
}

std::string_view scheme_of(std::string_view url) { return url.substr(0, url.find(':')); }

}  // namespace

void register_database(std::string_view scheme, OpenDatabase open, std::string_view example) {
  engines().insert_or_assign(std::string{scheme}, Engine{open, std::string{example}});
}

bool knows_database(std::string_view url) {
  return url.find(':') != std::string_view::npos && engines().contains(scheme_of(url));
}

std::string database_examples() {
  std::string text;
  for (const auto& [scheme, engine] : engines()) {
    if (engine.example.empty()) continue;
    text += (text.empty() ? "" : " or ") + engine.example;
  }
  return text;
}

bool holds_password(std::string_view url) {
  const std::string_view rest = url.substr(std::min(url.size(), url.find(':') + 1));
  const std::string_view user = rest.substr(0, rest.rfind('@'));
  return (user.size() < rest.size() && user.find(':') != std::string_view::npos) ||
         url.find("password=") != std::string_view::npos;
}

std::unique_ptr<Database> Database::open(const DatabaseOptions& options,
                                         std::span<const Migrations> migrations) {
  if (!knows_database(options.url)) {
    throw Error(ErrorCode::invalid,
                "\"" + options.url + "\" is not a database URL; write " + database_examples());
  }
  return engines().find(scheme_of(options.url))->second.open(options, migrations);
}

bool is_about_the_database(const Error& error) {
  return error.word() == "disk_full" || error.word().starts_with("database_");
}

bool is_about_the_database(const std::exception_ptr& failure) {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return is_about_the_database(error);
  } catch (...) {  // Somebody else's.
    return false;
  }
}

void stop_process(std::string_view reason) {
  if (auto* handler = fatal_handler.load()) return handler(reason);
  std::fprintf(stderr, "fatal: %.*s; stopping, because going on would make it worse\n",
               static_cast<int>(reason.size()), reason.data());
  std::_Exit(kExitFatal);
}

void set_fatal_handler(void (*handler)(std::string_view reason)) { fatal_handler = handler; }

}  // namespace ticketing
