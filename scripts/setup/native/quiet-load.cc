// Holds back what TensorFlow prints while its libraries are loaded: two lines of information that come before it
// reads TF_CPP_MIN_LOG_LEVEL. In: that variable, 1 or higher. Out: standard error as before, without these lines.
//
// The linker flag `-z initfirst` makes this library's constructor run before TensorFlow's; the binding's own
// constructor (quiet-load-end.cc) runs after them and gives standard error back. Lines that are not known are
// printed then, so nothing else is lost.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace {

int standard_error = -1;  // a duplicate of the real one while it is held back
int held = -1;            // an anonymous file that stands in for it

bool IsKnown(const std::string& line) {
  return line.find("All log messages before absl::InitializeLog()") != std::string::npos ||
         line.find("oneDNN custom operations are on") != std::string::npos;
}

std::string ReadAll(int file) {
  std::string text(lseek(file, 0, SEEK_END), '\0');
  const ssize_t bytes = pread(file, text.data(), text.size(), 0);
  text.resize(bytes < 0 ? 0 : bytes);
  return text;
}

void PrintUnknownLines(const std::string& text) {
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size() - 1) + 1;
    const std::string line = text.substr(start, end - start);
    if (!IsKnown(line) && write(STDERR_FILENO, line.data(), line.size()) < 0) return;
    start = end;
  }
}

__attribute__((constructor)) void HoldStandardError() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || std::atoi(level) < 1) return;
  held = memfd_create("standard-error", MFD_CLOEXEC);
  standard_error = dup(STDERR_FILENO);
  if (held >= 0 && standard_error >= 0) dup2(held, STDERR_FILENO);
}

}  // namespace

extern "C" void bagfleet_give_standard_error_back() {
  if (held < 0 || standard_error < 0) return;
  dup2(standard_error, STDERR_FILENO);
  PrintUnknownLines(ReadAll(held));
  close(standard_error);
  close(held);
}
