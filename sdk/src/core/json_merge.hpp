#pragma once
// Changes some members of a JSON object, and leaves the others as they came: for who is not the
// only one to write it. Any thread.

#include <string>
#include <string_view>

namespace ticketing::json {

/// The object `json` with the members of the object `changes`, in place of its own of the same
/// names or behind them. Throws Error(invalid).
std::string merged(std::string_view json, std::string_view changes);

}  // namespace ticketing::json
