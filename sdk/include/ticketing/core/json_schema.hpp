#pragma once
// JSON Schema (2020-12) of described records: what the codec writes, and what it accepts.
//
// Pure functions: any thread. Throws nothing of its own.

#include <string>

#include "ticketing/core/record.hpp"

namespace ticketing {

/// Which side of the codec a schema speaks of. What is written has each of its fields exactly as
/// described. What is accepted may be looser: `null` for an optional field, a price as text.
enum class SchemaSide { written, accepted };

/// The schema of `info`, as one JSON object without `$schema`. Fields that are not described are
/// allowed on both sides: readers ignore them, so that descriptions can grow.
std::string json_schema(RecordInfo info, SchemaSide side);
/// Of one field of it.
std::string json_schema(const FieldInfo& field, SchemaSide side);

}  // namespace ticketing
