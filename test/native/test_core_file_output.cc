// test_core_file_output.cc - bytes into files: all of them, also past short writes and
// signals, and the system's reason when it does not take them.
#include "core/file_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "check.h"

using namespace nbuf::core;

namespace {

std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; i++) text[i] = static_cast<char>(i * 7 + i / 256);
  return text;
}

struct File {
  std::string path =
      (std::filesystem::temp_directory_path() / "nbuf-output-XXXXXX").string();
  int fd = mkstemp(path.data());

  ~File() {
    close(fd);
    unlink(path.c_str());
  }
  int64_t size() const {
    struct stat info {};
    CHECK(fstat(fd, &info) == 0);
    return info.st_size;
  }
};

void all_bytes_where_the_file_stands() {
  File file;
  const std::string text = pattern(100'000);
  CHECK(write_bytes(file.fd, text.data(), 1000) == 0);
  CHECK(write_bytes(file.fd, text.data() + 1000, 0) == 0);
  CHECK(write_bytes(file.fd, text.data() + 1000, 99'000) == 0);
  std::string found(text.size(), '\0');
  CHECK(pread(file.fd, found.data(), found.size(), 0) == 100'000);
  CHECK(found == text && file.size() == 100'000);
}

// A pipe takes what fits, and a signal without SA_RESTART interrupts the waiting.
void short_and_interrupted_writes() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  int ends[2];
  CHECK(pipe(ends) == 0);
  const std::string text = pattern(3'000'000);
  std::string found;
  const pthread_t writer = pthread_self();
  std::thread reader([&] {
    char part[70'000];
    while (found.size() < text.size()) {
      // The first ends a write early, the second one that could not even begin.
      for (int signals = 0; signals < 2; signals++) {
        usleep(1000);
        pthread_kill(writer, SIGUSR1);
      }
      usleep(1000);
      const ssize_t count = read(ends[0], part, sizeof part);
      if (count > 0) found.append(part, static_cast<size_t>(count));
    }
  });
  CHECK(write_bytes(ends[1], text.data(), static_cast<int64_t>(text.size())) == 0);
  reader.join();
  CHECK(found == text);
  close(ends[0]);
  close(ends[1]);
}

void reasons() {
  CHECK(write_bytes(-1, "x", 1) == EBADF);
  File file;
  const int reading = open(file.path.c_str(), O_RDONLY);
  CHECK(write_bytes(reading, "x", 1) == EBADF);
  close(reading);
  const int full = open("/dev/full", O_WRONLY);
  if (full >= 0) CHECK(write_bytes(full, "x", 1) == ENOSPC);
  close(full);
}

void reserving_changes_no_length() {
  File file;
  CHECK(reserve_space(file.fd, 1 << 20) == 0);
  CHECK(file.size() == 0);
  // What cannot be reserved is left to the writing.
  CHECK(reserve_space(-1, 100) == 0);
  CHECK(reserve_space(file.fd, -1) == 0);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(reserve_space(ends[1], 100) == 0);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace

int main() {
  all_bytes_where_the_file_stands();
  short_and_interrupted_writes();
  reasons();
  reserving_changes_no_length();
  return check_result("core_file_output");
}
