// What libFuzzer calls.

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  // Without bytes the pointer is null, which a view may be made of but memcmp may not be given.
  const char* start = size == 0 ? "" : reinterpret_cast<const char*>(bytes);
  ticketing::fuzz::check({start, size});
  return 0;
}
