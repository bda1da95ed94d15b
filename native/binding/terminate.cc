// Where libstdc++ is linked in statically, its handler of std::terminate brings a
// demangler of names along: a sixth of the addon, to print the name of an exception that
// nothing here can throw.
#if !defined(_WIN32)
#include <cstdlib>  // defines __GLIBCXX__, where that is the library
#endif

#if defined(__GLIBCXX__)
namespace __gnu_cxx {
void __verbose_terminate_handler();
void __verbose_terminate_handler() { std::abort(); }
}  // namespace __gnu_cxx
#endif
