#pragma once
// Idempotency keys: the first answer to a named command, kept and given again.
//
// Stateless: rows of ticketing_idempotency. A row is named by who asked (user, method and path) and
// by the key; the body is remembered as a keyed digest, since it may hold a password.

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/http/message.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing::runtime {

struct IdempotentCall {
  std::string scope;
  std::string key;
  std::string digest;
};

/// The call that `request` makes, if it carries a key. Throws Error(invalid) for a malformed key.
std::optional<IdempotentCall> idempotent_call(const Request& request, std::string_view user_id,
                                              std::string_view secret);
/// The answer that was given before. Throws Error(invalid) when it was to another body.
std::optional<Response> find_answer(Transaction& tx, const IdempotentCall& call);
void store_answer(Transaction& tx, const IdempotentCall& call, const Response& answer,
                  Timestamp now);
/// Forgets answers from before `cutoff`, at most `count_max`; returns how many.
std::int64_t forget_answers(Transaction& tx, Timestamp cutoff, std::int64_t count_max);

}  // namespace ticketing::runtime
