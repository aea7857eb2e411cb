#pragma once
// Reading a listing that the server gives out in pages.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "ticketing/client/client.hpp"

namespace ticketing::cli {

struct ListOptions {
  std::int64_t limit = 100;
  std::string after;
};

inline ListOptions parse_list(const Arguments& arguments) {
  return {arguments.number("limit", 1).value_or(100), arguments.text("after")};
}

/// Calls `fetch` page by page until `options.limit` items are there or no more exist. The page's
/// `next` says where the rest begins.
template <Record T, class Fetch>
Page<T> collect(const ListOptions& options, ListQuery query, Fetch fetch) {
  constexpr std::int64_t kPageMax = 1000;  // The server gives out no larger ones.
  Page<T> all;
  all.next = options.after;
  do {
    query.limit = std::min(options.limit - std::ssize(all.items), kPageMax);
    query.after = all.next;
    Page<T> page = fetch(query);
    std::move(page.items.begin(), page.items.end(), std::back_inserter(all.items));
    all.next = std::move(page.next);
  } while (!all.next.empty() && std::ssize(all.items) < options.limit);
  return all;
}

}  // namespace ticketing::cli
