// test_core_mapped.cc - memory of mapped files: ranges, three modes, what is no such
// file, and a file that becomes shorter behind our back.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core_fixture.h"

using namespace nbuf::core;

namespace {

namespace fs = std::filesystem;

// A folder that is gone afterwards.
struct Folder {
  std::string path = (fs::temp_directory_path() / "nbuf-mapped-XXXXXX").string();

  Folder() { CHECK(mkdtemp(path.data()) != nullptr); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path + "/" + name, std::ios::binary) << content;
    return path + "/" + name;
  }
};

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; i++) text[i] = static_cast<char>(i * 7 + i / 256);
  return text;
}

constexpr MapMode kModes[] = {MapMode::copy_on_write, MapMode::read_write,
                              MapMode::read_only};

Memory* map(const std::string& path, MapMode mode, int64_t offset, int64_t length) {
  Memory* memory = nullptr;
  nbuf_error error = no_error();
  if (!CHECK(make_mapped_memory(path.c_str(), mode, offset, length, &memory, &error) ==
             NBUF_OK))
    std::fprintf(stderr, "%s\n", error.message);
  return memory;
}

void check_refused(const std::string& path, MapMode mode, int64_t offset, int64_t length,
                   Status expected, const char* part) {
  nbuf_error error = no_error();
  Memory* memory = reinterpret_cast<Memory*>(&error);
  CHECK(make_mapped_memory(path.c_str(), mode, offset, length, &memory, &error) ==
        expected);
  CHECK(memory == nullptr && error.status == expected);
  CHECK_TEXT(error.message, part);
}

size_t open_files() {
  const fs::directory_iterator files("/dev/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

void ranges() {
  const Folder folder;
  const std::string text = pattern(3 * 65536 + 5);
  const std::string path = folder.file("long", text);
  const auto size = static_cast<int64_t>(text.size());
  for (const MapMode mode : kModes) {
    for (const int64_t offset : {int64_t{0}, int64_t{1}, int64_t{4095}, int64_t{4096},
                                 int64_t{65537}, size - 1, size}) {
      for (const int64_t length : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{4096}}) {
        if (length > size - offset) continue;
        Memory* memory = map(path, mode, offset, length);
        const int64_t expected = length < 0 ? size - offset : length;
        CHECK(memory->block.size == expected && !memory->is_heap);
        CHECK((memory->block.base == nullptr) == (expected == 0));
        CHECK(expected == 0 || std::memcmp(memory->block.base, text.data() + offset,
                                           static_cast<size_t>(expected)) == 0);
        CHECK(memory->ops->check(memory, nullptr) == NBUF_OK);
        CHECK(memory->ops->flush(memory, nullptr) == NBUF_OK);
        CHECK(((memory->provider_flags & NBUF_READONLY) != 0) ==
              (mode == MapMode::read_only));
        release(memory);
      }
    }
    const int64_t max = INT64_MAX;
    check_refused(path, mode, 0, size + 1, NBUF_ERR_BOUNDS, "cannot map");
    check_refused(path, mode, 1, size, NBUF_ERR_BOUNDS, "cannot map");
    check_refused(path, mode, size + 1, -1, NBUF_ERR_BOUNDS, "cannot map");
    check_refused(path, mode, size + 1, 0, NBUF_ERR_BOUNDS, "cannot map");
    check_refused(path, mode, -1, 1, NBUF_ERR_BOUNDS, "cannot map");
    check_refused(path, mode, 4, max, NBUF_ERR_BOUNDS, "cannot map");
    check_refused(path, mode, max, max, NBUF_ERR_BOUNDS, "cannot map");
  }
}

void empty_files() {
  const Folder folder;
  const std::string path = folder.file("empty", "");
  for (const MapMode mode : kModes) {
    Memory* memory = map(path, mode, 0, -1);
    CHECK(memory->block.size == 0 && memory->block.base == nullptr);
    HostArray* array = nullptr;
    const int64_t shape[] = {0};
    LayoutSpec spec;
    spec.ndim = 1;
    spec.shape = shape;
    CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
    Provider* p;
    uint32_t epoch;
    const nbuf_request request = request_of(NBUF_FULL_RO);
    CHECK(acquire(array, &request, &p, &epoch, nullptr) == NBUF_OK);
    CHECK(p->pub.buf == nullptr && p->pub.block_count == 0 && p->pub.len == 0);
    CHECK(nbuf_validate(&p->pub, nullptr) == NBUF_OK);
    release(p);
    release_owner(array);
    check_refused(path, mode, 0, 1, NBUF_ERR_BOUNDS, "has 0 bytes");
  }
}

void no_such_file() {
  const Folder folder;
  const std::string fifo = folder.path + "/fifo";
  CHECK(mkfifo(fifo.c_str(), 0600) == 0);
  const std::string secret = folder.file("secret", "text");
  CHECK(chmod(secret.c_str(), 0) == 0);
  for (const MapMode mode : kModes) {
    const bool writes = mode == MapMode::read_write;
    check_refused(folder.path, mode, 0, -1, NBUF_ERR_IO,
                  writes ? "Is a directory" : "not a regular file");
    check_refused(fifo, mode, 0, -1, NBUF_ERR_IO, "not a regular file");
    check_refused("/dev/null", mode, 0, -1, NBUF_ERR_IO, "not a regular file");
    check_refused(folder.path + "/missing", mode, 0, -1, NBUF_ERR_IO, "No such file");
    check_refused("", mode, 0, -1, NBUF_ERR_IO, "No such file");
    // Root may read everything.
    if (geteuid() != 0)
      check_refused(secret, mode, 0, -1, NBUF_ERR_IO, "Permission denied");
    const std::string name(5000, 'n');  // longer than a message, too
    check_refused(name, mode, 0, -1, NBUF_ERR_IO, "File name too long");
  }
}

void writing() {
  const Folder folder;
  const std::string text = pattern(5000);
  const std::string path = folder.file("data", text);
  Memory* memory = map(path, MapMode::copy_on_write, 4090, 20);
  Memory* other = map(path, MapMode::copy_on_write, 4090, 20);
  std::memset(memory->block.base, 'x', 20);
  CHECK(memory->ops->flush(memory, nullptr) == NBUF_OK);
  CHECK(std::memcmp(other->block.base, text.data() + 4090, 20) == 0);
  release(memory);
  release(other);
  CHECK(content_of(path) == text);
  memory = map(path, MapMode::read_write, 4090, 20);
  other = map(path, MapMode::read_only, 4080, -1);
  std::memset(memory->block.base, 'y', 20);
  CHECK(memory->ops->flush(memory, nullptr) == NBUF_OK);
  std::string expected = text;
  expected.replace(4090, 20, 20, 'y');
  CHECK(content_of(path) == expected);
  CHECK(std::memcmp(other->block.base, expected.data() + 4080, 920) == 0);
  release(memory);
  release(other);
  CHECK(chmod(path.c_str(), 0400) == 0);
  if (geteuid() != 0)
    check_refused(path, MapMode::read_write, 0, -1, NBUF_ERR_IO, "Permission denied");
  release(map(path, MapMode::copy_on_write, 0, -1));  // may still write its own copy
}

// Each acquire looks again; what was acquired before is the exception that section 7
// names.
void truncation() {
  const Folder folder;
  const std::string path = folder.file("shrinks", pattern(9000));
  Memory* memory = map(path, MapMode::copy_on_write, 100, 5000);
  HostArray* array = nullptr;
  LayoutSpec spec;
  CHECK(make_host_array(memory, spec, false, &array, nullptr) == NBUF_OK);
  const nbuf_request request = request_of(NBUF_FULL, "reader");
  Provider *first, *p;
  uint32_t epoch;
  CHECK(acquire(array, &request, &first, &epoch, nullptr) == NBUF_OK);
  CHECK(truncate(path.c_str(), 5100) == 0);  // behind the mapped range
  CHECK(acquire(array, &request, &p, &epoch, nullptr) == NBUF_OK);
  release(p);
  CHECK(truncate(path.c_str(), 5099) == 0);
  nbuf_error error = no_error();
  CHECK(acquire(array, &request, &p, &epoch, &error) == NBUF_ERR_IO && p == nullptr);
  CHECK_TEXT(error.message, "truncated: 5099 bytes, 5100 are mapped");
  CHECK(reexport(first, spec, 0, &request, &p, nullptr) == NBUF_ERR_IO && p == nullptr);
  CHECK(flush(array, nullptr) == NBUF_ERR_IO);
  CHECK(array->locks.memory == 1 && array->locks.layout == 1);
  CHECK(truncate(path.c_str(), 5100) == 0);  // long enough again
  CHECK(acquire(array, &request, &p, &epoch, nullptr) == NBUF_OK);
  release(p);
  release(first);
  const int64_t shape[] = {2};
  CHECK(resize(array, 1, shape, &error) == NBUF_ERR_UNSUPPORTED);
  dispose(array);
  CHECK(flush(array, nullptr) == NBUF_ERR_RELEASED);
  release_owner(array);
}

// A deleted file stays mapped, and changes by others are seen.
void deletion() {
  const Folder folder;
  const std::string path = folder.file("gone", "before");
  Memory* memory = map(path, MapMode::read_only, 0, -1);
  folder.file("gone", "behind");
  CHECK(std::memcmp(memory->block.base, "behind", 6) == 0);
  fs::remove(path);
  CHECK(std::memcmp(memory->block.base, "behind", 6) == 0);
  CHECK(memory->ops->check(memory, nullptr) == NBUF_OK);
  release(memory);
}

}  // namespace

int main() {
  const size_t before = open_files();
  ranges();
  empty_files();
  no_such_file();
  writing();
  truncation();
  deletion();
  CHECK(open_files() == before);  // also after refusals
  return check_result("core_mapped");
}
