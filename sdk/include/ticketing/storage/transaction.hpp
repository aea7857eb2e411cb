#pragma once
// Transaction: SQL inside one transaction, with prepared statements kept and reused.
//
// Parameters stand as `:name` and are bound by position; columns come back as the types asked for.
// SQL is written once per call site (a literal): statements are cached by their text.
// Belongs to the thread that runs the transaction; references into it die with it.
// Once a statement has thrown, the rest of the transaction can only be undone: by letting the error
// go on, or with ROLLBACK TO a savepoint that was set before.
// Throws Error: conflict – a unique index refused it; unavailable – the disk is full or the
// database is busy or away; invalid – text that the engine cannot hold; corrupt – the file is
// damaged or the SQL does not fit the schema.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "ticketing/core/money.hpp"
#include "ticketing/core/record.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing {

/// One bound value. Borrows text: it must outlive the call.
class Param {
 public:
  Param(std::int64_t value) : integer_(value) {}
  Param(int value) : integer_(value) {}
  Param(bool value) : integer_(value ? 1 : 0) {}
  Param(Money value) : integer_(value.cents()) {}
  /// Times are stored as Unix milliseconds.
  Param(Timestamp value) : integer_(value.time_since_epoch().count()) {}
  Param(std::string_view value) : is_text_(true), text_(value) {}
  Param(const std::string& value) : is_text_(true), text_(value) {}
  Param(const char* value) : is_text_(true), text_(value) {}
  template <class T>
  Param(const std::optional<T>& value) : Param(value ? Param(*value) : Param(T{})) {
    is_null_ = !value;
    if (is_null_) text_ = {};
  }

  bool is_text() const { return is_text_; }
  bool is_null() const { return is_null_; }
  std::int64_t integer() const { return integer_; }
  std::string_view text() const { return text_; }

 private:
  bool is_text_ = false;
  bool is_null_ = false;
  std::int64_t integer_ = 0;
  std::string_view text_;
};

/// The row at hand while a query runs; valid until the next one.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(std::size_t column) const = 0;
  virtual std::int64_t integer(std::size_t column) const = 0;
  virtual const std::string& text(std::size_t column) const = 0;
};

class Transaction {
 public:
  virtual ~Transaction() = default;

  /// Runs a statement that yields no rows; returns the number of rows that it changed.
  template <class... Args>
  std::int64_t execute(std::string_view sql, const Args&... args) {
    return run(sql, std::initializer_list<Param>{Param(args)...});
  }

  /// All rows, as tuples of std::string, std::int64_t, bool, Money, Timestamp, or std::optional of
  /// those.
  template <class... Columns, class... Args>
  std::vector<std::tuple<Columns...>> query(std::string_view sql, const Args&... args) {
    std::vector<std::tuple<Columns...>> rows;
    for_each<Columns...>(
        sql, [&](Columns&&... values) { rows.emplace_back(std::move(values)...); }, args...);
    return rows;
  }

  /// The first row, or nullopt.
  template <class... Columns, class... Args>
  std::optional<std::tuple<Columns...>> first(std::string_view sql, const Args&... args) {
    auto rows = query<Columns...>(sql, args...);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  /// Calls `visit(Columns&&...)` for each row; one that returns false has seen enough. `visit` must
  /// not use this transaction.
  template <class... Columns, class Visit, class... Args>
  void for_each(std::string_view sql, Visit&& visit, const Args&... args) {
    static constexpr bool kIsText[] = {is_text_column<Columns>()...};
    auto on_row = [](void* context, const Row& row) {
      auto& visitor = *static_cast<std::remove_reference_t<Visit>*>(context);
      return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return wants_more(visitor, column<Columns>(row, I)...);
      }
      (std::index_sequence_for<Columns...>{});
    };
    select(sql, std::initializer_list<Param>{Param(args)...}, kIsText, on_row, &visit);
  }

 protected:
  virtual std::int64_t run(std::string_view sql, std::span<const Param> params) = 0;
  virtual void select(std::string_view sql, std::span<const Param> params,
                      std::span<const bool> is_text, bool (*on_row)(void*, const Row&),
                      void* context) = 0;

 private:
  template <class Visit, class... Values>
  static bool wants_more(Visit& visit, Values&&... values) {
    if constexpr (std::is_same_v<std::invoke_result_t<Visit&, Values...>, bool>) {
      return visit(std::forward<Values>(values)...);
    } else {
      visit(std::forward<Values>(values)...);
      return true;
    }
  }
  template <class T>
  static constexpr bool is_text_column() {
    return std::is_same_v<typename detail::optional_of<T>::type, std::string>;
  }
  template <class T>
  static T column(const Row& row, std::size_t index) {
    if constexpr (detail::optional_of<T>::value) {
      if (row.is_null(index)) return std::nullopt;
      return column<typename detail::optional_of<T>::type>(row, index);
    } else if constexpr (std::is_same_v<T, std::string>) {
      return row.text(index);
    } else if constexpr (std::is_same_v<T, Money>) {
      return Money::from_cents(row.integer(index));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      return Timestamp{milliseconds{row.integer(index)}};
    } else {
      return static_cast<T>(row.integer(index));
    }
  }
};

}  // namespace ticketing
