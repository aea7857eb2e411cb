#include "auth/sodium.hpp"

#include "ticketing/core/error.hpp"

namespace ticketing::auth {

void ensure_sodium() {
  // 1 means that someone else in this process was first, which is as good.
  static const bool ready = ::sodium_init() >= 0;
  TICKETING_ASSERT(ready);
}

}  // namespace ticketing::auth
