// What reading a format needs besides its grammar: errors with their place, unique names.
#ifndef NBUF_CORE_FORMAT_NAMES_H
#define NBUF_CORE_FORMAT_NAMES_H

#include "format.h"

namespace nbuf::core {

// Bytes of the text that recognise it in a message; no half character at the end.
int excerpt_length(const char* text);

// FORMAT: what was expected at a place in the text.
Status fail_format(const char* text, const char* at, const char* expected, Error* error);

// The nodes of one list are complete: names must differ. In a list with names a count is
// a sub-array, also of unnamed items.
Status close_list(FormatTree* tree, int32_t first, const char* text, Error* error);

// Moves `*at` from the '{' of a function's signature behind the '}' that closes it.
Status skip_braces(const char* text, const char** at, Error* error);

}  // namespace nbuf::core

#endif  // NBUF_CORE_FORMAT_NAMES_H
