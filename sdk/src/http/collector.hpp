#pragma once
// RequestCollector: turns bytes, however they are cut, into whole requests, and refuses what
// breaks a limit as soon as that shows. It does no input or output itself.
//
// Not thread-safe: it belongs to whoever holds the connection.

#include <string>
#include <string_view>

#include "http/head.hpp"
#include "ticketing/http/server.hpp"

namespace ticketing::http {

/// A request that has arrived completely.
struct WholeRequest {
  std::string head;
  std::string body;
  Framing framing;
};

class RequestCollector {
 public:
  enum class State { empty, head, body, complete, refused };

  /// Borrows `limits`.
  explicit RequestCollector(const HttpLimits& limits) : limits_(limits) {}

  /// Takes the next bytes. Bytes behind a complete request are kept for the next one.
  State take(std::string_view bytes);
  State state() const { return state_; }
  /// Requires: state() is refused.
  const Refusal& refusal() const { return refusal_; }
  /// Requires: the head is complete.
  const Framing& framing() const { return whole_.framing; }
  /// True once some of the body is there.
  bool has_body_bytes() const { return !whole_.body.empty(); }
  /// What is kept in memory for this connection.
  std::size_t bytes_held() const { return input_.size() + whole_.head.size() + whole_.body.size(); }

  /// Hands the request out and begins the next one; take({}) looks at bytes that were left.
  /// Requires: state() is complete.
  WholeRequest hand_out();
  /// Forgets everything.
  void clear();

 private:
  void scan_head();
  /// Looks at the line that ends at `feed`; true when it ends the head.
  bool end_of_head_at(std::size_t feed);
  void finish_head(std::size_t head_bytes);
  void take_body(std::string_view bytes);
  void refuse(const Refusal& refusal);

  const HttpLimits& limits_;
  State state_ = State::empty;
  std::string input_;        ///< The head so far, or bytes of the next request.
  std::size_t scanned_ = 0;  ///< How much of `input_` has been searched for line ends.
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  WholeRequest whole_;
  Refusal refusal_ = kMalformed;
};

}  // namespace ticketing::http
