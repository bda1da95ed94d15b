// Shuffles as a template of the vectors; included like transpose_impl.h.

namespace nbuf::core {
namespace {

template <typename V, int M>
NBUF_READS_GAPS void shuffle_groups(const Plan& plan, char* dst, const char* src) {
  const Shuffle& shuffle = plan.shuffle;
  const int32_t outputs = shuffle.outputs;
  const int64_t in_gap = shuffle.in_gap, in_step = shuffle.in_step;
  const int64_t out_gap = shuffle.out_gap, out_step = shuffle.out_step;
  V masks[4][M];  // here the stores below cannot change them
  for (int32_t i = 0; i < outputs; i++)
    for (int32_t j = 0; j < M; j++) masks[i][j] = V::mask(shuffle.masks[i][j]);
  int64_t in = shuffle.in_low + shuffle.first * in_step, out = shuffle.first * out_step;
  for (int64_t g = 0; g < shuffle.count; g += V::kLanes) {
    V inputs[M];
    NBUF_UNROLL for (int j = 0; j < M; j++) inputs[j] =
        V::load(src + in + j * in_gap, in_step);
    for (int32_t i = 0; i < outputs; i++) {
      V bytes = inputs[0].shuffle(masks[i][0]);
      NBUF_UNROLL for (int j = 1; j < M; j++) bytes =
          bytes | inputs[j].shuffle(masks[i][j]);
      bytes.store(dst + out + i * out_gap, out_step);
    }
    in += V::kLanes * in_step;
    out += V::kLanes * out_step;
  }
  shuffle_ends(plan, dst, src);  // last: the last group may have written into them
}

template <typename V>
Kernel shuffle_of(int32_t inputs) {
  switch (inputs) {
    case 1:
      return shuffle_groups<V, 1>;
    case 2:
      return shuffle_groups<V, 2>;
    case 3:
      return shuffle_groups<V, 3>;
    case 4:
      return shuffle_groups<V, 4>;
    default:
      return nullptr;
  }
}

}  // namespace
}  // namespace nbuf::core
