// Format strings for lib/: the core's tree as one array of numbers.
#include "convert.h"
#include "core/format.h"
#include "functions.h"

namespace nbuf::binding {
namespace {

// Numbers before the nodes, and of each node. lib/format_tree.ts reads them.
constexpr int32_t kHead = 6, kNode = 15;

double* write_node(double* to, const core::FormatNode& node) {
  const int32_t flags = (node.is_complex ? 1 : 0) | (node.swapped ? 2 : 0) |
                        (node.spread ? 4 : 0) | (node.bit << 3);
  const double values[kNode] = {
      static_cast<double>(node.type),        static_cast<double>(flags),
      static_cast<double>(node.begin),       static_cast<double>(node.name),
      static_cast<double>(node.name_length), static_cast<double>(node.first_dim),
      static_cast<double>(node.ndim),        static_cast<double>(node.child),
      static_cast<double>(node.next),        static_cast<double>(node.count),
      static_cast<double>(node.unit),        static_cast<double>(node.repeat),
      static_cast<double>(node.itemsize),    static_cast<double>(node.offset),
      static_cast<double>(node.align),
  };
  for (double value : values) *to++ = value;
  return to;
}

napi_value write_tree(napi_env raw, const core::FormatTree& tree) {
  const int32_t nodes = tree.nodes.size(), dims = tree.dims.size();
  const auto length = static_cast<size_t>(kHead + nodes * kNode + dims);
  void* data = nullptr;
  napi_value buffer = nullptr, out = nullptr;
  if (napi_create_arraybuffer(raw, length * sizeof(double), &data, &buffer) != napi_ok)
    return nullptr;  // with an exception pending
  auto* to = static_cast<double*>(data);
  *to++ = static_cast<double>(tree.size);
  *to++ = static_cast<double>(tree.itemsize);
  *to++ = static_cast<double>(tree.align);
  *to++ = static_cast<double>(tree.first);
  *to++ = static_cast<double>(nodes);
  *to++ = static_cast<double>(dims);
  for (int32_t i = 0; i < nodes; i++) to = write_node(to, tree.nodes[i]);
  for (int32_t i = 0; i < dims; i++) *to++ = static_cast<double>(tree.dims[i]);
  napi_create_typedarray(raw, napi_float64_array, length, buffer, 0, &out);
  return out;
}

// Text and itemsize (0: unknown); a Float64Array, or a negative status with the reason.
napi_value parse_format(napi_env raw, napi_callback_info info) {
  Call<2> call(raw, info);
  std::vector<char> format;
  string_of(raw, call.argv[0], &format);
  int64_t itemsize = 0;
  napi_get_value_int64(raw, call.argv[1], &itemsize);
  core::FormatTree tree;
  const nbuf_status status =
      core::parse_format(format.data(), itemsize, &tree, &call.env->error);
  return status == NBUF_OK ? write_tree(raw, tree) : failed(call.env, status);
}

}  // namespace

const Function kFormatFunctions[] = {
    {"parseFormat", parse_format},
    {nullptr, nullptr},
};

}  // namespace nbuf::binding
