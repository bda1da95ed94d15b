// test_span_levels.cc - nbuf::span over arrays with two to four levels, in any order of
// axes, beside a model that follows pointers itself.
#include <utility>

#include "levels_world.h"
#include "nbuf/nbuf.hpp"

namespace {

using nbuf::Access;

nbuf::Provider acquire(nbuf::core::HostArray* array, uint32_t flags) {
  nbuf_error error = no_error();
  return nbuf::Provider::acquire(&array->pub, flags, "span", error);
}

template <class Span, size_t... I>
const unsigned char* element(const Span& span, const int64_t* index,
                             std::index_sequence<I...>) {
  return &span(index[I]...);
}

// Every element is where the model finds it; the narrowest span finds it, too.
template <int N>
void check_elements(const LevelsWorld& world, const Shaped& s, const nbuf::Provider& p) {
  using Indices = std::make_index_sequence<static_cast<size_t>(N)>;
  nbuf_error error = no_error();
  const auto span = nbuf::span<unsigned char, N>::from(p, &error);
  CHECK(static_cast<bool>(span));
  if (!span) return;
  CHECK((!nbuf::span<unsigned char, N, Access::strided>::from(p, &error)));
  CHECK(error.status == NBUF_ERR_SUBOFFSETS);
  int visits = 0;
  span.visit([&](auto narrow) {
    visits++;
    s.each([&](const int64_t* index) {
      const auto expected = world.address(s, index);
      const auto at = [](const unsigned char* e) {
        return static_cast<LevelsWorld::Wide>(reinterpret_cast<intptr_t>(e));
      };
      CHECK(at(element(span, index, Indices())) == expected);
      CHECK(at(element(narrow, index, Indices())) == expected);
    });
  });
  CHECK(visits == 1);
}

void check_any(const LevelsWorld& world, const Shaped& s, const nbuf::Provider& p) {
  switch (s.ndim) {
    case 0:
      return check_elements<0>(world, s, p);
    case 1:
      return check_elements<1>(world, s, p);
    case 2:
      return check_elements<2>(world, s, p);
    case 3:
      return check_elements<3>(world, s, p);
    default:
      return check_elements<4>(world, s, p);
  }
}

void one_case(uint64_t seed, int* classic, int* many) {
  Random random(seed);
  LevelsWorld world(random);
  const Shaped& s = world.layout;
  if (s.itemsize != 1) return;
  nbuf::core::Memory* memory = world.make();
  nbuf::core::LayoutSpec spec = s.spec();
  spec.format = "B";
  nbuf::core::HostArray* array;
  CHECK(nbuf::core::make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  {
    const nbuf::Provider levels = acquire(array, NBUF_FULL | NBUF_LEVELS);
    CHECK(levels->level_count == s.levels && levels->suboffsets == nullptr);
    check_any(world, s, levels);
    *many += s.levels > 2 && s.ndim > 2;
    const nbuf::Provider old = acquire(array, NBUF_FULL);
    if (old) check_any(world, s, old);
    *classic += static_cast<bool>(old);
  }
  nbuf::core::release_owner(array);
}

}  // namespace

int main() {
  const uint64_t seed = first_seed("span_levels");
  int classic = 0, many = 0;
  for (uint64_t i = 0; i < 4000; i++) {
    one_case(seed + i, &classic, &many);
    stop_on_failure("span_levels", seed + i);
  }
  std::printf("span_levels: %d classic, %d of 3 and more axes and levels\n", classic,
              many);
  CHECK(classic > 40 && many > 60);
  return check_result("span_levels");
}
