// The types of format strings with their sizes.
#ifndef NBUF_CORE_FORMAT_TYPES_H
#define NBUF_CORE_FORMAT_TYPES_H

#include <cstdint>

namespace nbuf::core {

struct FormatType {
  char type;
  int8_t native, align, standard;  // bytes; standard 0 = not allowed there
};

// null for what is no single-letter type with a size of its own.
const FormatType* find_type(char letter);

// Bytes of a bracket type, '[namespace$name]' with `text` at its '['; 0 when it is
// unknown.
// `*length` becomes what it takes of the text, 0 when it has no such form.
int32_t bracket_size(const char* text, int32_t* length);

// Is a count of it the length of one item (s p u w x t), not a number of items?
bool takes_length(char type);

bool machine_is_big();

}  // namespace nbuf::core

#endif  // NBUF_CORE_FORMAT_TYPES_H
