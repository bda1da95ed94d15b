// Transposes as a template of the vectors; included once in the file of each level, within
// its target's code. No include guard: it defines nothing for anybody else.

namespace nbuf::core {
namespace {

// Items of 3 bytes travel as 4: a vector then has 4 of them, its last bytes are left over.
template <int E>
struct Tile {
  static constexpr int kWide = E == 3 ? 4 : E;
  static constexpr int kItems = 16 / kWide;       // both ways
  static constexpr int kBytes = kItems * E;       // that are used of a vector
  static constexpr int kSpill = E == 3 ? 2 : 0;   // items that the left over bytes reach
  static constexpr int kBlock = 64 / kWide;       // items of about one cache line
};

template <typename V>
struct Masks {
  V in, out;
};

// Rows of 16 bytes at src + i * from become rows at dst + i * to. Each round interleaves
// the first half of the rows with the second.
template <typename V, int E>
NBUF_INLINE void transpose_tile(char* dst, int64_t to, const char* src, int64_t from,
                                bool swap, const Masks<V>& masks) {
  constexpr int T = Tile<E>::kItems;
  V rows[T], zipped[T];
  NBUF_UNROLL for (int i = 0; i < T; i++) {
    rows[i] = V::load(src + i * from, T * from);
    if (E == 3 || swap) rows[i] = rows[i].shuffle(masks.in);
  }
  NBUF_UNROLL for (int round = 1; round < T; round *= 2) {
    NBUF_UNROLL for (int i = 0; i < T / 2; i++) {
      zipped[2 * i] = V::template zip_low<Tile<E>::kWide>(rows[i], rows[i + T / 2]);
      zipped[2 * i + 1] = V::template zip_high<Tile<E>::kWide>(rows[i], rows[i + T / 2]);
    }
    NBUF_UNROLL for (int i = 0; i < T; i++) rows[i] = zipped[i];
  }
  NBUF_UNROLL for (int i = 0; i < T; i++) {
    if (E == 3)
      rows[i].shuffle(masks.out).store(dst + i * to, Tile<E>::kBytes);
    else
      rows[i].store(dst + i * to);
  }
}

template <typename V, int E>
Masks<V> tile_masks(bool swap) {
  constexpr int W = Tile<E>::kWide;
  uint8_t in[16], out[16];
  for (int i = 0; i < 16; i++) {
    const int byte = swap ? E - 1 - i % W : i % W;
    in[i] = static_cast<uint8_t>(i % W < E ? i / W * E + byte : 0x80);
    out[i] = static_cast<uint8_t>(i < Tile<E>::kBytes ? i / E * W + i % E : 0x80);
  }
  return {V::mask(in), V::mask(out)};
}

// Tiles in blocks of one cache line both ways: every line is read and written once, even
// where the strides let only a few lines of a side stay in a cache. The last tiles overlap
// those before them. Within a row of dst they go up: left over bytes are overwritten.
template <typename V, int E>
NBUF_READS_GAPS void transpose(const Plan& plan, char* dst, const char* src) {
  using Size = Tile<E>;
  constexpr int64_t T = Size::kItems, W = V::kLanes * T, B = Size::kBlock;
  const Grid& grid = plan.grid;
  const int64_t to = grid.across.dst, from = grid.inner.src;
  const int64_t inner = grid.inner.extent - Size::kSpill;
  const int64_t across = grid.across.extent - Size::kSpill;
  const bool swap = grid.swap != 0;
  const Masks<V> masks = tile_masks<V, E>(swap);
  for (int64_t j0 = 0; j0 < across; j0 += B)
    for (int64_t i0 = 0; i0 < inner; i0 += B)
      for (int64_t i1 = i0; i1 < std::min(inner, i0 + B); i1 += W) {
        const int64_t i = std::min(i1, inner - W);
        for (int64_t j1 = j0; j1 < std::min(across, j0 + B); j1 += T) {
          const int64_t j = std::min(j1, across - T);
          transpose_tile<V, E>(dst + i * E + j * to, to, src + i * from + j * E, from,
                               swap, masks);
        }
      }
  if (Size::kSpill > 0) transpose_ends(plan, inner, across, dst, src);
}

template <typename V>
Kernel transpose_of(int64_t item) {
  switch (item) {
    case 1:
      return transpose<V, 1>;
    case 2:
      return transpose<V, 2>;
    case 3:
      return V::kShuffles ? transpose<V, 3> : nullptr;
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
