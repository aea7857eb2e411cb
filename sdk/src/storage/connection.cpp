#include "storage/connection.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

namespace ticketing::storage {

namespace {

/// A parameter or a column: SOCI binds by reference, so each statement owns its values.
struct Slot {
  bool is_text = false;
  long long integer = 0;
  std::string text;
  soci::indicator indicator = soci::i_ok;
};

/// The row that SOCI has just fetched into a statement's column slots.
class SlotRow final : public Row {
 public:
  explicit SlotRow(const std::deque<Slot>& columns) : columns_(columns) {}
  bool is_null(std::size_t column) const override {
    return columns_[column].indicator == soci::i_null;
  }
  std::int64_t integer(std::size_t column) const override {
    return is_null(column) ? 0 : columns_[column].integer;
  }
  const std::string& text(std::size_t column) const override {
    static const std::string kEmpty;
    return is_null(column) ? kEmpty : columns_[column].text;
  }

 private:
  const std::deque<Slot>& columns_;
};

void assign(std::deque<Slot>& slots, std::span<const Param> params) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    slots[i].indicator = params[i].is_null() ? soci::i_null : soci::i_ok;
    if (params[i].is_text()) {
      slots[i].text = params[i].text();
    } else {
      slots[i].integer = params[i].integer();
    }
  }
}

}  // namespace

struct Connection::Statement {
  explicit Statement(soci::session& session) : soci(session) {}
  soci::statement soci;
  bool fits(std::span<const Param> given, std::span<const bool> is_text) const;
  std::deque<Slot> params;  // Addresses must stay: SOCI keeps references.
  std::deque<Slot> columns;
};

bool Connection::Statement::fits(std::span<const Param> given,
                                 std::span<const bool> is_text) const {
  return std::equal(params.begin(), params.end(), given.begin(), given.end(),
                    [](const Slot& s, const Param& p) { return s.is_text == p.is_text(); }) &&
         std::equal(columns.begin(), columns.end(), is_text.begin(), is_text.end(),
                    [](const Slot& s, bool text) { return s.is_text == text; });
}

Connection::Connection(std::unique_ptr<soci::session> session) : session_(std::move(session)) {}

// Statements refer to the session, so they go first.
Connection::~Connection() { statements_.clear(); }

Connection::Statement& Connection::prepared(std::string_view sql, std::span<const Param> params,
                                            std::span<const bool> is_text) {
  const auto [first, last] = statements_.equal_range(sql);
  for (auto known = first; known != last; ++known) {
    if (known->second->fits(params, is_text)) return *known->second;
  }
  auto statement = std::make_unique<Statement>(*session_);
  statement->soci.alloc();
  for (const Param& param : params) {
    Slot& slot = statement->params.emplace_back();
    slot.is_text = param.is_text();
    if (slot.is_text) {
      statement->soci.exchange(soci::use(slot.text, slot.indicator));
    } else {
      statement->soci.exchange(soci::use(slot.integer, slot.indicator));
    }
  }
  for (const bool text : is_text) {
    Slot& slot = statement->columns.emplace_back();
    slot.is_text = text;
    if (text) {
      statement->soci.exchange(soci::into(slot.text, slot.indicator));
    } else {
      statement->soci.exchange(soci::into(slot.integer, slot.indicator));
    }
  }
  statement->soci.prepare(std::string{sql});
  statement->soci.define_and_bind();
  return *statements_.emplace(std::string{sql}, std::move(statement))->second;
}

void Connection::check_may_run(std::string_view sql) {
  if (sql.starts_with("ROLLBACK") || sql.starts_with("BEGIN")) has_failed_ = false;
  if (!has_failed_) return;
  throw std::logic_error(
      "a statement of this transaction has failed, so it can only be rolled back (in: " +
      std::string{sql} + ")");
}

std::int64_t Connection::run(std::string_view sql, std::span<const Param> params) {
  check_may_run(sql);
  try {
    Statement& statement = prepared(sql, params, {});
    assign(statement.params, params);
    statement.soci.execute(true);
    return statement.soci.get_affected_rows();
  } catch (const soci::soci_error&) {
    has_failed_ = true;
    throw meaning(sql);
  }
}

void Connection::select(std::string_view sql, std::span<const Param> params,
                        std::span<const bool> is_text, bool (*on_row)(void*, const Row&),
                        void* context) {
  check_may_run(sql);
  Statement* statement = nullptr;
  try {
    statement = &prepared(sql, params, is_text);
    assign(statement->params, params);
    const SlotRow row{statement->columns};
    for (bool more = statement->soci.execute(true); more; more = statement->soci.fetch()) {
      if (!on_row(context, row)) return reset(statement->soci);
    }
  } catch (const soci::soci_error&) {
    has_failed_ = true;
    throw meaning(sql);
  } catch (...) {  // Of on_row. A statement that is left in the middle would hold its snapshot.
    reset(statement->soci);
    throw;
  }
}

}  // namespace ticketing::storage
