#pragma once
// Record description: a struct's fields, their names and their rules, said once as constexpr data.
//
// The JSON codec (core/json.hpp), validation with one error per bad field, JSON Schema and table
// printing all read this description; nothing else spells a field's name. A described struct has
//
//     struct NewTicket {
//       std::string title;
//       Money price;
//       static constexpr std::array kFields{
//           field<&NewTicket::title>("title", Rule::text(1, 200).trim().says("Title is required")),
//           field<&NewTicket::price>("price", Rule::price().says("Price must be greater than 0")),
//       };
//     };
//
// Supported members: std::string, std::int64_t, bool, Money, Timestamp, JsonText, another described
// struct, an enum with a `name_table(E)` found by ADL, std::optional of those, std::vector of
// described structs or strings. Everything is constexpr and immutable: any thread may read it.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ticketing/core/money.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing {

/// JSON that is carried along verbatim: one complete, well-formed value. Empty means absent.
struct JsonText {
  std::string text;
  friend bool operator==(const JsonText&, const JsonText&) = default;
};

enum class FieldKind {
  text,
  integer,
  boolean,
  money,
  time,
  json,
  name,
  record,
  record_list,
  text_list
};

/// What a field's value must satisfy beyond its kind. Lengths count Unicode code points.
struct Rule {
  std::size_t length_min = 0;
  std::size_t length_max = SIZE_MAX;
  std::int64_t value_min = INT64_MIN;  ///< Integers as they are, money in cents.
  std::int64_t value_max = INT64_MAX;
  bool trimmed = false;     ///< Blanks at both ends are removed before the check.
  bool lower_case = false;  ///< ASCII letters are lowered before the check.
  bool email = false;
  bool lenient_number = false;    ///< Money may also come as numeric text (`"20.00"`).
  std::string_view message = {};  ///< Replaces the standard complaint.

  static constexpr Rule text(std::size_t min, std::size_t max) {
    Rule rule;
    rule.length_min = min;
    rule.length_max = max;
    return rule;
  }
  /// An id in a request: any non-empty text of up to 64 characters.
  static constexpr Rule id() { return text(1, 64); }
  /// A price: over zero, at most Money::kCentsMax, as number or numeric text.
  static constexpr Rule price() {
    Rule rule;
    rule.value_min = 1;
    rule.value_max = Money::kCentsMax;
    rule.lenient_number = true;
    return rule;
  }
  constexpr Rule trim() const {
    Rule r = *this;
    r.trimmed = true;
    return r;
  }
  constexpr Rule lower() const {
    Rule r = *this;
    r.lower_case = true;
    return r;
  }
  constexpr Rule as_email() const {
    Rule r = *this;
    r.email = true;
    return r;
  }
  constexpr Rule says(std::string_view text) const {
    Rule r = *this;
    r.message = text;
    return r;
  }
};

/// The names of an enum's values, indexed by value.
using NameTable = std::span<const std::string_view>;

struct FieldInfo;
using RecordInfo = std::span<const FieldInfo>;

/// One field, type-erased, so that codecs are compiled once and not once per struct.
struct FieldInfo {
  std::string_view name;
  std::string_view meaning = {};  ///< For generated reference: what the name does not say.
  FieldKind kind{};
  bool optional = false;
  Rule rule{};
  /// The member inside the struct at `object` (for an optional: the std::optional itself).
  void* (*member)(void* object) = nullptr;
  RecordInfo (*record)() = nullptr;  ///< record, record_list: the inner description.
  NameTable (*names)() = nullptr;    ///< name: the enum's names.
  std::int64_t (*name_get)(const void*) = nullptr;
  void (*name_set)(void*, std::int64_t) = nullptr;
  void* (*optional_get)(void* optional) = nullptr;      ///< The value, or nullptr when absent.
  void* (*optional_emplace)(void* optional) = nullptr;  ///< Makes a fresh value and returns it.
  std::size_t (*list_size)(const void* list) = nullptr;
  void* (*list_at)(void* list, std::size_t index) = nullptr;
  void* (*list_push)(void* list) = nullptr;  ///< Appends a fresh element.
  void (*list_clear)(void* list) = nullptr;

  constexpr FieldInfo means(std::string_view text) const {
    FieldInfo info = *this;
    info.meaning = text;
    return info;
  }
};

/// The description of a described struct.
template <class T>
constexpr RecordInfo record_of() {
  return RecordInfo{T::kFields.data(), T::kFields.size()};
}

template <class T>
concept Record = requires {
  T::kFields.size();
};

namespace detail {

template <class T>
struct member_of;
template <class C, class M>
struct member_of<M C::*> {
  using owner = C;
  using type = M;
};

template <class T>
struct optional_of : std::false_type {
  using type = T;
};
template <class T>
struct optional_of<std::optional<T>> : std::true_type {
  using type = T;
};
template <class T>
struct vector_of : std::false_type {
  using type = T;
};
template <class T>
struct vector_of<std::vector<T>> : std::true_type {
  using type = T;
};

template <class V>
constexpr void describe_value(FieldInfo& info) {
  if constexpr (std::is_same_v<V, std::string>) {
    info.kind = FieldKind::text;
  } else if constexpr (std::is_same_v<V, std::int64_t>) {
    info.kind = FieldKind::integer;
  } else if constexpr (std::is_same_v<V, bool>) {
    info.kind = FieldKind::boolean;
  } else if constexpr (std::is_same_v<V, Money>) {
    info.kind = FieldKind::money;
  } else if constexpr (std::is_same_v<V, Timestamp>) {
    info.kind = FieldKind::time;
  } else if constexpr (std::is_same_v<V, JsonText>) {
    info.kind = FieldKind::json;
  } else if constexpr (std::is_enum_v<V>) {
    info.kind = FieldKind::name;
    info.names = [] { return NameTable{name_table(V{})}; };
    info.name_get = [](const void* value) {
      return static_cast<std::int64_t>(*static_cast<const V*>(value));
    };
    info.name_set = [](void* value, std::int64_t number) {
      *static_cast<V*>(value) = static_cast<V>(number);
    };
  } else if constexpr (vector_of<V>::value) {
    using Element = typename vector_of<V>::type;
    if constexpr (std::is_same_v<Element, std::string>) {
      info.kind = FieldKind::text_list;
    } else {
      info.kind = FieldKind::record_list;
      info.record = [] { return record_of<Element>(); };
    }
    info.list_size = [](const void* list) { return static_cast<const V*>(list)->size(); };
    info.list_at = [](void* list, std::size_t index) -> void* {
      return &(*static_cast<V*>(list))[index];
    };
    info.list_push = [](void* list) -> void* { return &static_cast<V*>(list)->emplace_back(); };
    info.list_clear = [](void* list) { static_cast<V*>(list)->clear(); };
  } else {
    info.kind = FieldKind::record;
    info.record = [] { return record_of<V>(); };
  }
}

}  // namespace detail

/// Describes one member, as in `field<&Ticket::title>("title")`.
template <auto Member>
constexpr FieldInfo field(std::string_view name, Rule rule = {}) {
  using Owner = typename detail::member_of<decltype(Member)>::owner;
  using Type = typename detail::member_of<decltype(Member)>::type;
  using Value = typename detail::optional_of<Type>::type;
  FieldInfo info;
  info.name = name;
  info.rule = rule;
  info.member = [](void* object) -> void* { return &(static_cast<Owner*>(object)->*Member); };
  detail::describe_value<Value>(info);
  if constexpr (detail::optional_of<Type>::value) {
    info.optional = true;
    info.optional_get = [](void* value) -> void* {
      auto& optional = *static_cast<Type*>(value);
      return optional ? &*optional : nullptr;
    };
    info.optional_emplace = [](void* value) -> void* {
      return &static_cast<Type*>(value)->emplace();
    };
  }
  return info;
}

/// The name of an enum's value, from its table.
template <class E>
constexpr std::string_view name_of(E value) {
  return name_table(value)[static_cast<std::size_t>(value)];
}

/// The value that `name` stands for, or nullopt.
template <class E>
constexpr std::optional<E> value_named(std::string_view name) {
  const NameTable table = name_table(E{});
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace ticketing
