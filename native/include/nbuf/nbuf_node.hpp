/* nbuf_node.hpp - C++17 over nbuf_node.h. SPDX-License-Identifier: MIT
 *
 *   nbuf_error error;
 *   const auto p = nbuf::acquire_value(env, value, NBUF_FULL_RO, "mean", error);
 *   if (!p) return nbuf_throw(env, error.status, &error);
 */
#ifndef NBUF_NODE_HPP
#define NBUF_NODE_HPP

#include "nbuf.hpp"
#include "nbuf_node.h"

namespace nbuf {

/* nbuf_acquire_value, validated: a provider that is released with its scope, or an empty
 * one and the reason. label: UTF-8 or NULL, names the holder in lock errors. */
inline Provider acquire_value(napi_env env, napi_value value, std::uint32_t flags,
                              const char* label, nbuf_error& error) noexcept {
  const nbuf_request request = {sizeof request, flags, label};
  nbuf_provider* provider = nullptr;
  std::memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  nbuf_status status = nbuf_acquire_value(env, value, &request, &provider, &error);
  Provider made = Provider::adopt(provider);
  if (status == NBUF_OK) status = nbuf_validate(provider, &error);
  if (status != NBUF_OK) made.release();
  error.status = status; /* whatever a peer wrote there */
  return made;
}

} /* namespace nbuf */

#endif /* NBUF_NODE_HPP */
