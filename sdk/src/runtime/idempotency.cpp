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

std::string cookie_of(const Response& answer) {
  for (const auto& [name, value] : answer.headers) {
    if (name == "Set-Cookie") return value;
  }
  return {};
}

}  // namespace

std::optional<IdempotentCall> idempotent_call(const Request& request, std::string_view user_id,
                                              std::string_view secret) {
  const auto key = request.header("Idempotency-Key");
  if (!key || request.method != "POST") return std::nullopt;
  if (key->empty() || key->size() > kKeyLengthMax || !is_printable(*key)) {
    throw Error(ErrorCode::invalid, "Idempotency-Key must be 1 to 255 printable characters",
                "idempotency_key");
  }
  // Nobody may ask for another's answers: the anonymous are told apart by where they call from.
  std::string scope = user_id.empty() ? "from " + request.remote : std::string{user_id};
  scope += ' ' + request.method + ' ' + request.path;
  return IdempotentCall{std::move(scope), std::string{*key}, keyed_digest(secret, request.body)};
}

std::optional<Response> find_answer(Transaction& tx, const IdempotentCall& call) {
  auto row = tx.first<std::string, std::int64_t, std::string, std::string>(
      "SELECT body_hash, status, cookie, body FROM ticketing_idempotency"
      " WHERE scope = :scope AND name = :name",
      call.scope, call.key);
  if (!row) return std::nullopt;
  auto& [digest, status, cookie, body] = *row;
  if (digest != call.digest) {
    throw Error(ErrorCode::invalid, "Idempotency-Key was used before with another body",
                "idempotency_key");
  }
  Response answer = Response::json(static_cast<int>(status), std::move(body));
  if (!cookie.empty()) answer.with("Set-Cookie", std::move(cookie));
  return answer.with("Idempotent-Replayed", "true");
}

void store_answer(Transaction& tx, const IdempotentCall& call, const Response& answer,
                  Timestamp now) {
  tx.execute(
      "INSERT INTO ticketing_idempotency (scope, name, body_hash, status, cookie, body, created_at)"
      " VALUES (:scope, :name, :digest, :status, :cookie, :body, :now)"
      " ON CONFLICT (scope, name) DO NOTHING",
      call.scope, call.key, call.digest, answer.status, cookie_of(answer), answer.body, now);
}

std::int64_t forget_answers(Transaction& tx, Timestamp cutoff, std::int64_t count_max) {
  return tx.execute(
      "DELETE FROM ticketing_idempotency WHERE (scope, name) IN (SELECT scope, name"
      " FROM ticketing_idempotency WHERE created_at < :cutoff ORDER BY created_at LIMIT :count)",
      cutoff, count_max);
}

}  // namespace ticketing::runtime
