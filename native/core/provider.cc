#include "provider.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

#include "host_array.h"

namespace nbuf::core {
namespace {

static_assert(std::is_standard_layout<Provider>::value && offsetof(Provider, pub) == 0,
              "a provider and its public part share their address");

Provider* own(nbuf_provider* provider) { return reinterpret_cast<Provider*>(provider); }

const nbuf_provider_ops kOps = {
    sizeof(nbuf_provider_ops),
    0,
    [](nbuf_provider* p) { retain(own(p)); },
    [](nbuf_provider* p) { release(own(p)); },
    [](nbuf_provider* p) { unlock_layout(own(p)); },
};

// A peer's provider stays locked by the reference in our foreign memory, so its layout
// lock has to be given back by hand. Only the exchange decides who does it; the peer
// orders the rest.
void unlock_without_host(Provider* provider) {
  if (provider->foreign != nullptr &&
      provider->foreign_layout.exchange(false, std::memory_order_relaxed))
    provider->foreign->ops->unlock_layout(provider->foreign);
}

// A chain of re-exports names its nearest links: errors have room for no more.
size_t shown_length(const char* label) {
  constexpr size_t kMost = 80;
  size_t length = 0;
  while (length < kMost && label[length] != '\0') length++;
  if (label[length] != '\0')  // do not split a UTF-8 character
    while (length > 0 && (static_cast<unsigned char>(label[length]) & 0xc0) == 0x80)
      length--;
  return length;
}

}  // namespace

Provider* as_own(nbuf_provider* provider) {
  return provider->ops == &kOps ? own(provider) : nullptr;
}

Provider* allocate_provider(const char* label, const char* parent_label) {
  const size_t parent_length = parent_label != nullptr ? shown_length(parent_label) : 0;
  if (parent_length > 0 && (label == nullptr || label[0] == '\0')) label = "view";
  const size_t own_length = label != nullptr ? nbuf_label_length_(label) : 0;
  const char* arrow = parent_length > 0 ? " \xe2\x86\x90 " : "";
  const size_t text = own_length + parent_length > 0
                          ? own_length + std::strlen(arrow) + parent_length + 1
                          : 0;
  void* bytes = std::malloc(sizeof(Provider) + text);
  if (bytes == nullptr) return nullptr;
  auto* made = new (bytes) Provider;
  made->refs.store(1, std::memory_order_relaxed);  // not yet shared
  made->host = nullptr;
  made->memory = nullptr;
  made->layout = nullptr;
  std::memset(&made->holder, 0, sizeof made->holder);
  made->granted_flags = 0;
  made->foreign = nullptr;
  made->foreign_layout.store(false, std::memory_order_relaxed);
  if (text > 0) {
    char* composed = reinterpret_cast<char*>(made + 1);
    std::snprintf(composed, text, "%.*s%s%.*s", static_cast<int>(own_length),
                  label != nullptr ? label : "", arrow, static_cast<int>(parent_length),
                  parent_label != nullptr ? parent_label : "");
    made->holder.label = composed;
  }
  return made;
}

void free_provider(Provider* provider) {
  provider->~Provider();
  std::free(provider);
}

Status check_request(const nbuf_request* request, Error* error) {
  if (request == nullptr || !NBUF_HAS(request, label))
    return nbuf_fail(error, NBUF_ERR_ABI, "nbuf_request is missing or too small");
  return NBUF_OK;
}

Status grant(Provider* provider, uint32_t extra_flags, const nbuf_request* request,
             Error* error) {
  const Layout& layout = *provider->layout;
  const Memory& memory = *provider->memory;
  nbuf_provider* pub = &provider->pub;
  *pub = nbuf_provider{};
  pub->struct_size = sizeof *pub;
  pub->flags = memory.provider_flags | extra_flags;
  pub->ops = &kOps;
  const bool has_bytes = memory.block.base != nullptr;
  pub->buf = has_bytes ? static_cast<char*>(memory.block.base) + layout.offset : nullptr;
  pub->len = layout.bytes;
  pub->itemsize = layout.itemsize;
  pub->ndim = layout.ndim;
  pub->block_count = has_bytes ? memory.block_count : 0;
  pub->blocks = has_bytes ? memory.blocks : nullptr;
  pub->format = layout.format;
  pub->shape = layout.ndim > 0 ? layout.shape : nullptr;
  pub->strides = layout.ndim > 0 ? layout.strides : nullptr;
  if (layout.is_indirect()) {
    pub->suboffsets = layout.suboffsets;
    pub->level_count = layout.levels.count;
    pub->axis_level = layout.levels.axis_level;
    pub->post_offsets = layout.levels.post;
  }
  return nbuf_negotiate(pub, request->flags, layout.contiguity, error);
}

void retain(Provider* provider) {
  // Relaxed: the caller holds a reference, nothing is published.
  provider->refs.fetch_add(1, std::memory_order_relaxed);
}

void release(Provider* provider) {
  // Seeing 1 (acquire, against earlier releases elsewhere) means that this reference is
  // the only one left, and only a holder of one can retain: no read-modify-write is
  // needed.
  if (provider->refs.load(std::memory_order_acquire) != 1 &&
      provider->refs.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (provider->host != nullptr) {
    release_to_host(provider);
    return;
  }
  unlock_without_host(provider);
  release(provider->memory);
  free_layout(provider->layout);
  free_provider(provider);
}

void unlock_layout(Provider* provider) {
  if (provider->host != nullptr)
    unlock_layout_in_host(provider);
  else
    unlock_without_host(provider);
}

bool holds_layout(Provider* provider) {
  return provider->host != nullptr
             ? holds_layout_in_host(provider)
             : provider->foreign_layout.load(std::memory_order_relaxed);
}

Status provide_memory(Memory* memory, const LayoutSpec& spec, uint32_t extra_flags,
                      const nbuf_request* request, const char* parent_label,
                      Provider** out, Error* error) {
  *out = nullptr;
  Status status = check_request(request, error);
  if (status != NBUF_OK) return status;
  Layout* layout;
  status = make_layout(spec, *memory, &layout, error);
  if (status != NBUF_OK) return status;
  Provider* made = allocate_provider(request->label, parent_label);
  if (made == nullptr) {
    free_layout(layout);
    return out_of_memory(error);
  }
  made->memory = memory;
  made->layout = layout;
  status = grant(made, extra_flags, request, error);
  if (status != NBUF_OK) {
    free_layout(layout);
    free_provider(made);
    return status;
  }
  *out = made;
  return NBUF_OK;
}

Status reexport(Provider* parent, const LayoutSpec& spec, uint32_t extra_flags,
                const nbuf_request* request, Provider** out, Error* error) {
  Memory* memory = parent->memory;
  const uint32_t flags = extra_flags | parent->pub.flags;
  if (memory->ops->check != nullptr) {
    Status status = memory->ops->check(memory, error);
    *out = nullptr;
    if (status != NBUF_OK) return status;
  }
  if (parent->host != nullptr)
    return reexport_in_host(parent, spec, flags, request, out, error);
  retain(memory);
  Status status =
      provide_memory(memory, spec, flags, request, parent->label(), out, error);
  if (status != NBUF_OK) release(memory);
  return status;
}

}  // namespace nbuf::core
