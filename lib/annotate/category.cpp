// SPDX-License-Identifier: Apache-2.0
#include "lib/annotate/category.h"

namespace sockwatch {

Category category_of(std::uint32_t port) {
  if (port <= 1023) return Category::WellKnown;
  if (port <= 49151) return Category::Registered;
  return Category::Dynamic;
}

}  // namespace sockwatch
