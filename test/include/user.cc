#include <nbuf/nbuf.hpp>

#include "user.c"
