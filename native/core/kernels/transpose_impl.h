// Tiles of transposes as a template of the vectors; included once in the file of each
// level, within its target's code. No include guard: it defines nothing for anybody else.

namespace nbuf::core {
namespace {

// Rows of 16 bytes at src + i * from become rows at dst + i * pitch. Each round
// interleaves the first half of the rows with the second. Items of 3 bytes travel as 4.
template <typename V, int E>
NBUF_INLINE void transpose_tile(char* dst, int64_t pitch, const char* src, int64_t from,
                                bool swap, V mask_in, V mask_out) {
  constexpr int kWide = E == 3 ? 4 : E, T = 16 / kWide;
  V rows[T], zipped[T];
  NBUF_UNROLL for (int i = 0; i < T; i++) {
    rows[i] = V::load(src + i * from, T * from);
    if (E == 3 || (E > 1 && swap)) rows[i] = rows[i].shuffle(mask_in);
  }
  if constexpr (T > 1) NBUF_UNROLL for (int round = 1; round < T; round *= 2) {
      NBUF_UNROLL for (int i = 0; i < T / 2; i++) {
        zipped[2 * i] = V::template zip_low<kWide>(rows[i], rows[i + T / 2]);
        zipped[2 * i + 1] = V::template zip_high<kWide>(rows[i], rows[i + T / 2]);
      }
      NBUF_UNROLL for (int i = 0; i < T; i++) rows[i] = zipped[i];
    }
  NBUF_UNROLL for (int i = 0; i < T; i++) {
    if (E == 3)
      rows[i].shuffle(mask_out).store(dst + i * pitch, T * E);
    else
      rows[i].store(dst + i * pitch);
  }
}

// The last tiles overlap those before them.
template <typename V, int E>
NBUF_READS_GAPS void transpose_tiles(const Plan& plan, int64_t inner, int64_t across,
                                     char* dst, int64_t pitch, const char* src) {
  constexpr int64_t T = 16 / (E == 3 ? 4 : E), W = V::kLanes * T;
  const Transpose& transpose = plan.transpose;
  const int64_t from = plan.grid.inner.src;
  const bool swap = plan.grid.swap != 0;
  const V mask_in = V::mask(transpose.mask_in), mask_out = V::mask(transpose.mask_out);
  for (int64_t i1 = 0; i1 < inner; i1 += W) {
    const int64_t i = std::min(i1, inner - W);
    for (int64_t j1 = 0; j1 < across; j1 += T) {
      const int64_t j = std::min(j1, across - T);
      transpose_tile<V, E>(dst + i * E + j * pitch, pitch, src + i * from + j * E, from,
                           swap, mask_in, mask_out);
    }
  }
}

// From a buffer of rows of kStreamPitch bytes, past the caches: of each the kStreamLines
// whole lines from its first aligned byte in dst on.
template <typename V>
void stream_lines(int64_t rows, char* dst, int64_t to, const char* buffer) {
  for (int64_t k = 0; k < rows; k++) {
    char* out = dst + k * to;
    const auto skip = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(out) & 63);
    const char* in = buffer + k * kStreamPitch + skip;
    for (int64_t line = 0; line < 64 * kStreamLines; line += 64)
      V::stream_line(out + skip + line, in + line);
  }
}

template <typename V>
TileKernel tiles_of(int64_t item) {
  switch (item) {
    case 1:
      return transpose_tiles<V, 1>;
    case 2:
      return transpose_tiles<V, 2>;
    case 3:
      return V::kShuffles ? transpose_tiles<V, 3> : nullptr;
    case 4:
      return transpose_tiles<V, 4>;
    case 8:
      return transpose_tiles<V, 8>;
    case 16:
      return transpose_tiles<V, 16>;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace nbuf::core
