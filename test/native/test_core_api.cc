// test_core_api.cc - the table of functions over random providers of a peer's, beside one
// element after the other through a temporary.
#include "core/api.h"

#include "surface_fixture.h"

using nbuf::core::kApi;

namespace {

using Bytes = std::vector<char>;

struct Case {
  Random random;
  Pool pool{1 << 16};
  Surfaced dst, src;
  Bytes before;  // the pool

  explicit Case(uint64_t seed) : random(seed) {}
  void scribble() {
    for (char& byte : pool.bytes) byte = static_cast<char>(random.next());
    before = pool.bytes;
  }
  Form form() { return static_cast<Form>(random.between(0, 5)); }
  Index shape() {
    Index made(static_cast<size_t>(random.between(0, 4)));
    for (int64_t& extent : made) extent = random.pick({0, 1, 1, 2, 3, 4, 5});
    return made;
  }
  // What broadcasts to `to`: fewer axes, or extents of 1.
  Index narrower(const Index& to) {
    const auto cut =
        random.chance(40) ? random.between(0, static_cast<int64_t>(to.size())) : 0;
    Index made(to.begin() + cut, to.end());
    for (int64_t& extent : made)
      if (random.chance(25)) extent = 1;
    return made;
  }
};

std::vector<Bytes> read_all(const Surfaced& s) {
  std::vector<Bytes> items;
  const Index shape = s.extents();
  for (int64_t k = 0; k < product_of(shape); k++) {
    const char* at = s.at(index_of(shape, k));
    items.emplace_back(at, at + s.item());
  }
  return items;
}

Bytes swapped(Bytes item, int32_t group) {
  for (size_t at = 0; group > 1 && at < item.size(); at += static_cast<size_t>(group))
    std::reverse(item.begin() + static_cast<long>(at),
                 item.begin() + static_cast<long>(at) + group);
  return item;
}

// The number of src's element for dst's k-th, NumPy's rule.
int64_t source_of(const Index& to, const Index& from, int64_t k) {
  const Index index = index_of(to, k);
  const size_t added = to.size() - from.size();
  int64_t number = 0;
  for (size_t i = 0; i < from.size(); i++)
    number = number * from[i] + (from[i] == 1 ? 0 : index[i + added]);
  return number;
}

void model_copy(const Surfaced& dst, const Surfaced& src, int32_t swap) {
  const std::vector<Bytes> items = read_all(src);
  const Index to = dst.extents(), from = src.extents();
  for (int64_t k = 0; k < product_of(to); k++) {
    const auto number = static_cast<size_t>(source_of(to, from, k));
    const Bytes item = swapped(items[number], swap);
    std::copy(item.begin(), item.end(), dst.at(index_of(to, k)));
  }
}

// Sometimes both on the same memory, or dst's own elements in another order.
void share_memory(Case& c) {
  if (c.src.pub.len == 0 || c.dst.pub.len == 0) return;
  const nbuf_block& a = c.dst.blocks[0];
  for (nbuf_block& b : c.src.blocks) {
    if (b.flags == NBUF_TABLE || b.size > a.size || c.src.table.size() > 0) return;
    c.src.pub.buf = static_cast<char*>(c.src.pub.buf) - static_cast<char*>(b.base) +
                    static_cast<char*>(a.base);
    b.base = a.base;
  }
}

void copies(uint64_t seed) {
  Case c(seed);
  const int64_t itemsize = c.random.pick({1, 2, 3, 4, 6, 8, 16});
  const int32_t swap = static_cast<int32_t>(c.random.pick({0, 0, 0, 1, itemsize}));
  make_surface(c.random, c.form(), c.shape(), itemsize, &c.pool, &c.dst);
  make_surface(c.random, c.form(), c.narrower(c.dst.extents()), c.dst.item(), &c.pool,
               &c.src);
  if (c.random.chance(30)) share_memory(c);
  c.scribble();
  const nbuf_copy_options options = {sizeof options, 0,
                                     c.dst.item() == itemsize ? swap : 0, 0};
  const Index to = c.dst.extents(), from = c.src.extents();
  bool fits = from.size() <= to.size() && c.src.item() == c.dst.item();
  for (size_t i = 0; fits && i < from.size(); i++) {
    const int64_t wanted = to[i + to.size() - from.size()];
    fits = from[i] == wanted || from[i] == 1;
  }
  nbuf_error error = no_error();
  const nbuf_status status = kApi.copy(&c.dst.pub, &c.src.pub, &options, &error);
  CHECK((status == NBUF_OK) == fits);
  if (!fits) CHECK(status == NBUF_ERR_OUT_OF_RANGE || status == NBUF_ERR_FORMAT);
  const Bytes found = c.pool.bytes;
  c.pool.bytes.assign(c.before.begin(), c.before.end());
  if (fits) model_copy(c.dst, c.src, options.swap);
  CHECK(found == c.pool.bytes);
}

// ---- packed bytes ----

// The number of the element that stands at place k of packed bytes.
int64_t packed_number(const Index& shape, int64_t k, bool is_c) {
  if (is_c) return k;
  int64_t number = 0;
  Index index(shape.size());
  for (size_t i = 0; i < shape.size(); k /= shape[i++]) index[i] = k % shape[i];
  for (size_t i = 0; i < shape.size(); i++) number = number * shape[i] + index[i];
  return number;
}

bool keeps_fortran(const Surfaced& s) {
  if (s.pub.suboffsets != nullptr || s.pub.level_count > 1) return false;
  const Index shape = s.extents();
  bool is_c = true, is_f = true;
  int64_t c = s.item(), f = s.item();
  for (size_t i = 0; i < shape.size(); i++) {
    const size_t last = shape.size() - 1 - i;
    const bool has_strides = s.pub.strides != nullptr;
    if (has_strides && shape[last] > 1 && s.strides[last] != c) is_c = false;
    if (has_strides && shape[i] > 1 && s.strides[i] != f) is_f = false;
    c *= shape[last];
    f *= shape[i];
  }
  return is_f && !is_c && s.pub.strides != nullptr;
}

void packs(uint64_t seed) {
  Case c(seed);
  const int64_t itemsize = c.random.pick({1, 2, 3, 4, 8});
  make_surface(c.random, c.form(), c.shape(), itemsize, &c.pool, &c.src);
  if (c.random.chance(20))  // so that 'A' has something to keep
    std::reverse(c.src.strides.begin(), c.src.strides.end());
  c.scribble();
  if (nbuf_validate(&c.src.pub, nullptr) != NBUF_OK) return;
  const char order = static_cast<char>(c.random.pick({'C', 'F', 'A'}));
  const bool is_c = order == 'C' || (order == 'A' && !keeps_fortran(c.src));
  const std::vector<Bytes> items = read_all(c.src);
  Bytes expected, found(static_cast<size_t>(c.src.pub.len) + 1, 'x');
  for (size_t k = 0; k < items.size(); k++) {
    const auto number = static_cast<size_t>(
        packed_number(c.src.extents(), static_cast<int64_t>(k), is_c));
    expected.insert(expected.end(), items[number].begin(), items[number].end());
  }
  expected.push_back('x');
  CHECK(kApi.pack(&c.src.pub, found.data(), c.src.pub.len, order, nullptr) == NBUF_OK);
  CHECK(found == expected && c.pool.bytes == c.before);

  std::reverse(found.begin(), found.end() - 1);
  CHECK(kApi.unpack(&c.src.pub, found.data(), c.src.pub.len, order, nullptr) == NBUF_OK);
  Bytes again(found.size(), 'x');
  CHECK(kApi.pack(&c.src.pub, again.data(), c.src.pub.len, order, nullptr) == NBUF_OK);
  CHECK(again == found);
  for (const int64_t size : {c.src.pub.len - 1, c.src.pub.len + 1})
    CHECK(kApi.pack(&c.src.pub, found.data(), size, order, nullptr) ==
          NBUF_ERR_OUT_OF_RANGE);
}

// ---- items ----

void fills(uint64_t seed) {
  Case c(seed);
  const int64_t itemsize = c.random.pick({1, 2, 3, 4, 8, 16, 100});
  make_surface(c.random, c.form(), c.shape(), itemsize, &c.pool, &c.dst);
  c.scribble();
  const Index shape = c.dst.extents();
  Bytes item(100);
  for (char& byte : item) byte = static_cast<char>(c.random.next());
  const bool is_own = c.dst.pub.len > 0 && c.random.chance(40);  // an element of dst
  const char* from =
      is_own ? c.dst.at(index_of(shape, product_of(shape) - 1)) : item.data();
  const Bytes wanted(from, from + c.dst.item());
  CHECK(kApi.fill(&c.dst.pub, from, c.dst.item(), nullptr) == NBUF_OK);
  const Bytes found = c.pool.bytes;
  c.pool.bytes.assign(c.before.begin(), c.before.end());
  for (int64_t k = 0; k < product_of(shape); k++)
    std::copy(wanted.begin(), wanted.end(), c.dst.at(index_of(shape, k)));
  CHECK(found == c.pool.bytes);
}

// The copy of anything equals it, until one byte of an element changes.
void equals(uint64_t seed) {
  Case c(seed);
  const int64_t itemsize = c.random.pick({1, 2, 3, 4, 8});
  make_surface(c.random, c.form(), c.shape(), itemsize, &c.pool, &c.dst);
  make_surface(c.random, Form::strided, c.dst.extents(), c.dst.item(), &c.pool, &c.src);
  c.scribble();
  CHECK(kApi.copy(&c.src.pub, &c.dst.pub, nullptr, nullptr) == NBUF_OK);
  int is_equal = 7;
  CHECK(kApi.equal(&c.dst.pub, &c.src.pub, nullptr, &is_equal, nullptr) == NBUF_OK);
  CHECK(is_equal == 1);
  const int64_t size = product_of(c.src.extents());
  if (size == 0) return;
  char* at = c.src.at(index_of(c.src.extents(), c.random.between(0, size - 1)));
  at[c.random.between(0, c.dst.item() - 1)] ^= 0x20;
  CHECK(kApi.equal(&c.dst.pub, &c.src.pub, nullptr, &is_equal, nullptr) == NBUF_OK);
  CHECK(is_equal == 0);
}

}  // namespace

int main() {
  const uint64_t first = first_seed("test_core_api");
  for (uint64_t seed = first; seed < first + 3000; seed++) {
    copies(seed);
    packs(seed);
    fills(seed);
    equals(seed);
    stop_on_failure("test_core_api", seed);
  }
  return check_result("test_core_api");
}
