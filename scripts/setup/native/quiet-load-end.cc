// Part of the binding: its constructor runs when all libraries are loaded, see quiet-load.cc.

extern "C" void bagfleet_give_standard_error_back();

namespace {
__attribute__((constructor)) void EndQuietLoad() { bagfleet_give_standard_error_back(); }
}  // namespace
