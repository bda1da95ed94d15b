// Transposes as a template of the vectors; included once in the file of each level,
// within its target's code. No include guard: it defines nothing for anybody else.

namespace nbuf::core {
namespace {

// Items of 3 bytes travel as 4: a vector then has 4 of them, its last bytes are left
// over.
template <int E>
struct Tile {
  static constexpr int kWide = E == 3 ? 4 : E;
  static constexpr int kItems = 16 / kWide;      // both ways
  static constexpr int kBytes = kItems * E;      // that are used of a vector
  static constexpr int kSpill = E == 3 ? 2 : 0;  // items that the left over bytes reach
  static constexpr int kBlock = 64 / kWide;      // items of about one cache line
};

template <typename V, int E>
struct Transpose {
  using Size = Tile<E>;
  static constexpr int64_t T = Size::kItems, W = V::kLanes * T, B = Size::kBlock;
  static constexpr int64_t kRows = 64;
  static constexpr int64_t kLine = B * E, kLines = 4;  // bytes; lines of a row to stream

  int64_t inner, across;  // that tiles do
  int64_t to, from;       // strides: of dst along across, of src along inner
  bool swap;
  V mask_in, mask_out;

  explicit Transpose(const Grid& grid)
      : inner(grid.inner.extent - Size::kSpill),
        across(grid.across.extent - Size::kSpill),
        to(grid.across.dst),
        from(grid.inner.src),
        swap(grid.swap != 0) {
    if (E != 3 && !swap) return;
    constexpr int kWide = Size::kWide;
    uint8_t in[16], out[16];
    for (int i = 0; i < 16; i++) {
      const int byte = swap ? E - 1 - i % kWide : i % kWide;
      in[i] = static_cast<uint8_t>(i % kWide < E ? i / kWide * E + byte : 0x80);
      out[i] = static_cast<uint8_t>(i < Size::kBytes ? i / E * kWide + i % E : 0x80);
    }
    mask_in = V::mask(in);
    mask_out = V::mask(out);
  }

  // Rows of 16 bytes at src + i * from become rows at dst + i * pitch. Each round
  // interleaves the first half of the rows with the second.
  NBUF_INLINE void tile(char* dst, int64_t pitch, const char* src) const {
    V rows[T], zipped[T];
    NBUF_UNROLL for (int i = 0; i < T; i++) {
      rows[i] = V::load(src + i * from, T * from);
      if (E == 3 || swap) rows[i] = rows[i].shuffle(mask_in);
    }
    if constexpr (T > 1) NBUF_UNROLL for (int round = 1; round < T; round *= 2) {
        NBUF_UNROLL for (int i = 0; i < T / 2; i++) {
          zipped[2 * i] = V::template zip_low<Size::kWide>(rows[i], rows[i + T / 2]);
          zipped[2 * i + 1] = V::template zip_high<Size::kWide>(rows[i], rows[i + T / 2]);
        }
        NBUF_UNROLL for (int i = 0; i < T; i++) rows[i] = zipped[i];
      }
    NBUF_UNROLL for (int i = 0; i < T; i++) {
      if (E == 3)
        rows[i].shuffle(mask_out).store(dst + i * pitch, Size::kBytes);
      else
        rows[i].store(dst + i * pitch);
    }
  }

  // m x n items; the last tiles overlap those before them. Within a row of dst they go
  // up: what an earlier one spilled is overwritten.
  NBUF_NOINLINE NBUF_READS_GAPS void tiles(int64_t m, int64_t n, char* dst, int64_t pitch,
                                           const char* src) const {
    for (int64_t i1 = 0; i1 < m; i1 += W) {
      const int64_t i = std::min(i1, m - W);
      for (int64_t j1 = 0; j1 < n; j1 += T) {
        const int64_t j = std::min(j1, n - T);
        tile(dst + i * E + j * pitch, pitch, src + i * from + j * E);
      }
    }
  }

  // Every line is read and written once: those of kRows rows of dst are filled together,
  // or, where the strides let only a few lines of a side stay in a cache, blocks of one
  // line both ways through a buffer.
  void blocks(char* dst, const char* src, int64_t first) const {
    if (E != 3 && inner >= B && across >= B && (crowded(to) || crowded(from)))
      return buffered_blocks(dst, src, first);
    const int64_t n = std::min(across, kRows);
    const int64_t i = std::min(first, inner - W);
    for (int64_t j1 = 0; j1 < across; j1 += n) {
      const int64_t j = std::min(j1, across - n);
      tiles(inner - i, n, dst + i * E + j * to, to, src + i * from + j * E);
    }
  }

  void buffered_blocks(char* dst, const char* src, int64_t first) const {
    alignas(64) char buffer[B * kLine];
    for (int64_t j1 = 0; j1 < across; j1 += B)
      for (int64_t i1 = first; i1 < inner; i1 += B) {
        const int64_t i = std::min(i1, inner - B), j = std::min(j1, across - B);
        tiles(B, B, buffer, kLine, src + i * from + j * E);
        for (int64_t k = 0; k < B; k++)
          V::copy_line(dst + i * E + (j + k) * to, buffer + k * kLine);
      }
  }

  // Do B rows of this stride share so few sets of a first-level cache that they drive
  // each other out?
  static bool crowded(int64_t stride) { return stride % (32768 / B) == 0; }

  // Past the caches: whole lines, aligned; up to a line more is made than a row needs.
  // The first items of each row are done by blocks(), and the last, from the result on.
  int64_t stream(char* dst, const char* src) const {
    alignas(64) char buffer[B * (kLines + 1) * kLine];
    constexpr int64_t kPitch = (kLines + 1) * kLine;
    int64_t i = 0;
    for (; i + (kLines + 1) * B <= inner; i += kLines * B)
      for (int64_t j1 = 0; j1 < across; j1 += B) {
        const int64_t j = std::min(j1, across - B);
        tiles((kLines + 1) * B, B, buffer, kPitch, src + i * from + j * E);
        for (int64_t k = 0; k < B; k++) {
          char* out = dst + i * E + (j + k) * to;
          const auto skip = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(out) & 63);
          for (int64_t line = 0; line < kLines * kLine; line += kLine)
            V::stream_line(out + skip + line, buffer + k * kPitch + skip + line);
        }
      }
    return i;
  }

  bool may_stream(const char* dst) const {
    return E != 3 && inner >= 16 * B && across >= B && to % E == 0 &&
           reinterpret_cast<uintptr_t>(dst) % E == 0;
  }
};

template <typename V, int E>
void transpose(const Plan& plan, char* dst, const char* src) {
  using Work = Transpose<V, E>;
  const Work work(plan.grid);
  if (plan.stream && work.may_stream(dst)) {
    const int64_t done = work.stream(dst, src);
    Work head = work;
    head.inner = Work::B;
    head.blocks(dst, src, 0);
    work.blocks(dst, src, done);
  } else {
    work.blocks(dst, src, 0);
  }
  if (Work::Size::kSpill > 0) transpose_ends(plan, work.inner, work.across, dst, src);
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
    case 16:
      return transpose<V, 16>;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace nbuf::core
