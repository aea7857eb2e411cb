#pragma once
// The help texts, from the table of verbs. Pure: any thread.

#include <string>

#include "verb.hpp"

namespace ticketing::cli {

/// Of the program.
std::string help_text();
/// Of one verb.
std::string help_text(const Verb& verb);

}  // namespace ticketing::cli
