// Transposes as a template of the vectors; included once in the file of each level,
// within its target's code. No include guard: it defines nothing for anybody else.

namespace nbuf::core {
namespace {

// One tile: rows of 16 bytes at src + i * from become rows at dst + i * to. Each round
// interleaves the first half of the rows with the second.
template <typename V, int E>
NBUF_INLINE void transpose_tile(char* dst, int64_t to, const char* src, int64_t from,
                                bool swap, V mask) {
  constexpr int T = 16 / E;
  V rows[T], zipped[T];
  NBUF_UNROLL for (int i = 0; i < T; i++) {
    rows[i] = V::load(src + i * from, T * from);
    if (swap) rows[i] = rows[i].shuffle(mask);
  }
  NBUF_UNROLL for (int round = 1; round < T; round *= 2) {
    NBUF_UNROLL for (int i = 0; i < T / 2; i++) {
      zipped[2 * i] = V::template zip_low<E>(rows[i], rows[i + T / 2]);
      zipped[2 * i + 1] = V::template zip_high<E>(rows[i], rows[i + T / 2]);
    }
    NBUF_UNROLL for (int i = 0; i < T; i++) rows[i] = zipped[i];
  }
  NBUF_UNROLL for (int i = 0; i < T; i++) rows[i].store(dst + i * to);
}

// Tiles in blocks of one cache line both ways: every line is read and written once, even
// where the strides let only a few lines of a side stay in a cache.
template <typename V, int E>
void transpose(const Plan& plan, char* dst, const char* src) {
  constexpr int64_t T = 16 / E, W = V::kLanes * T, B = 64 / E;
  const Grid& grid = plan.grid;
  const int64_t to = grid.across.dst, from = grid.inner.src;
  const int64_t inner = grid.inner.extent / W * W;
  const int64_t across = grid.across.extent / T * T;
  uint8_t reversed[16];
  for (int i = 0; i < 16; i++)
    reversed[i] = static_cast<uint8_t>(i / E * E + E - 1 - i % E);
  const V mask = V::mask(reversed);
  const bool swap = grid.swap != 0;
  for (int64_t j0 = 0; j0 < across; j0 += B)
    for (int64_t i0 = 0; i0 < inner; i0 += B)
      for (int64_t i = i0; i < inner && i < i0 + B; i += W)
        for (int64_t j = j0; j < across && j < j0 + B; j += T)
          transpose_tile<V, E>(dst + i * E + j * to, to, src + i * from + j * E, from,
                               swap, mask);
  transpose_ends(plan, inner, across, dst, src);
}

template <typename V>
Kernel transpose_of(int64_t item) {
  switch (item) {
    case 1:
      return transpose<V, 1>;
    case 2:
      return transpose<V, 2>;
    case 4:
      return transpose<V, 4>;
    case 8:
      return transpose<V, 8>;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace nbuf::core
