#pragma once
// Idempotency keys: the first answer to a named command, kept and given again.
//
// Stateless: rows of ticketing_idempotency. A row is named by who asked (user, method and path) and
// by the key. Of the key and of the request's body there are keyed digests alone; of the answer,
// status and body. Never a cookie: an answer that sets one is not stored but by routes whose
// repetitions run again.

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/http/message.hpp"
#include "ticketing/runtime/service.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing::runtime {

struct IdempotentCall {
  std::string scope;
  std::string key;
  std::string digest;  ///< Of the body; empty where a repetition runs again.
  Repeat repeat = Repeat::first_answer;
};

/// The call that `request` makes, if it carries a key. Throws Error(invalid) for a malformed key.
std::optional<IdempotentCall> idempotent_call(const Request& request, std::string_view user_id,
                                              std::string_view secret, Repeat repeat);
/// The answer that was given before. Throws Error(invalid) when it was to another body.
std::optional<Response> find_answer(Transaction& tx, const IdempotentCall& call);
/// Stores nothing where a stored answer would not do: see above.
void store_answer(Transaction& tx, const IdempotentCall& call, const Response& answer,
                  Timestamp now);
/// Throws Error(invalid) when the route that ran again says other than it said first: it was
/// another command.
void expect_same_answer(const Response& first, const Response& again);
/// Forgets answers from before `cutoff`, at most `count_max`; returns how many.
std::int64_t forget_answers(Transaction& tx, Timestamp cutoff, std::int64_t count_max);

}  // namespace ticketing::runtime
