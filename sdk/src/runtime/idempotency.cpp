#include "runtime/idempotency.hpp"

#include <algorithm>
#include <tuple>

#include "ticketing/auth/digest.hpp"

namespace ticketing::runtime {

namespace {

constexpr std::size_t kKeyLengthMax = 255;

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

bool sets_cookie(const Response& answer) {
  return std::any_of(answer.headers.begin(), answer.headers.end(),
                     [](const auto& header) { return header.first == "Set-Cookie"; });
}

Error used_before() {
  return {ErrorCode::invalid, "Idempotency-Key was used before with another body",
          "idempotency_key"};
}

}  // namespace

std::optional<IdempotentCall> idempotent_call(const Request& request, std::string_view user_id,
                                              std::string_view secret, Repeat repeat) {
  const auto key = request.header("Idempotency-Key");
  if (!key || request.method != "POST") return std::nullopt;
  if (key->empty() || key->size() > kKeyLengthMax || !is_printable(*key)) {
    throw Error(ErrorCode::invalid, "Idempotency-Key must be 1 to 255 printable characters",
                "idempotency_key");
  }
  // Nobody may ask for another's answers: the anonymous are told apart by where they call from.
  std::string scope = user_id.empty() ? "from " + request.remote : std::string{user_id};
  scope += ' ' + request.method + ' ' + request.path;
  // A digest of a password is quick to test guesses against for who has the secret as well.
  const bool runs_again = repeat == Repeat::run_again;
  return IdempotentCall{std::move(scope), keyed_digest(secret, *key),
                        runs_again ? "" : keyed_digest(secret, request.body), repeat};
}

std::optional<Response> find_answer(Transaction& tx, const IdempotentCall& call) {
  auto row = tx.first<std::string, std::int64_t, std::string>(
      "SELECT body_hash, status, body FROM ticketing_idempotency"
      " WHERE scope = :scope AND name = :name",
      call.scope, call.key);
  if (!row) return std::nullopt;
  auto& [digest, status, body] = *row;
  if (digest != call.digest) throw used_before();
  Response answer = Response::json(static_cast<int>(status), std::move(body));
  return answer.with("Idempotent-Replayed", "true");
}

void store_answer(Transaction& tx, const IdempotentCall& call, const Response& answer,
                  Timestamp now) {
  // Without its cookie it would be another answer; so the command may be made again.
  if (sets_cookie(answer) && call.repeat == Repeat::first_answer) return;
  tx.execute(
      "INSERT INTO ticketing_idempotency (scope, name, body_hash, status, body, created_at)"
      " VALUES (:scope, :name, :digest, :status, :body, :now)"
      " ON CONFLICT (scope, name) DO NOTHING",
      call.scope, call.key, call.digest, answer.status, answer.body, now);
}

void expect_same_answer(const Response& first, const Response& again) {
  if (first.status != again.status || first.body != again.body) throw used_before();
}

std::int64_t forget_answers(Transaction& tx, Timestamp cutoff, std::int64_t count_max) {
  return tx.execute(
      "DELETE FROM ticketing_idempotency WHERE (scope, name) IN (SELECT scope, name"
      " FROM ticketing_idempotency WHERE created_at < :cutoff ORDER BY created_at LIMIT :count)",
      cutoff, count_max);
}

}  // namespace ticketing::runtime
