#include "core/json_workspace.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string>

#include "ticketing/core/error.hpp"

namespace ticketing::json {
namespace {

constexpr std::size_t kCapacityMin = 16 << 10;

}  // namespace

void malformed(const char* message) { throw Error(ErrorCode::invalid, message, "malformed_json"); }

Workspace& Workspace::of_thread() {
  thread_local Workspace workspace;
  return workspace;
}

void Workspace::grow(std::size_t size) try {
  if (!seat_) seat_ = seat_for(size);
  const std::size_t capacity = std::bit_ceil(std::max(size, kCapacityMin));
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity + simdjson::SIMDJSON_PADDING);
  capacity_ = capacity;
  if (parser_.allocate(capacity) != simdjson::SUCCESS) throw std::bad_alloc();
} catch (...) {
  shrink();
  throw;
}

simdjson::ondemand::document Workspace::open(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    throw Error(ErrorCode::invalid, "body must be at most " + std::to_string(bytes_max) + " bytes",
                "too_large");
  }
  if (text.size() > capacity_ || capacity_ == 0) grow(text.size());
  size_ = text.size();
  std::memcpy(buffer_.get(), text.data(), size_);
  // What an earlier text has left in the padding must not look like the end of this one.
  std::memset(buffer_.get() + size_, 0, simdjson::SIMDJSON_PADDING);
  has_escapes_ = text.find('\\') != std::string_view::npos;
  const simdjson::padded_string_view padded(buffer_.get(), size_,
                                            capacity_ + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::document document;
  if (parser_.iterate(padded).get(document) != simdjson::SUCCESS) {
    shrink();
    malformed();
  }
  return document;
}

void Workspace::shrink() noexcept {
  if (!seat_) return;
  parser_ = simdjson::ondemand::parser();
  buffer_.reset();
  capacity_ = 0;
  seat_.reset();
}

}  // namespace ticketing::json
