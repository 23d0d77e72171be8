// SPDX-License-Identifier: Apache-2.0
// Small tools for pages that people read: foreign text made safe, templates filled, times in words.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "lib/base/clock.h"
#include "lib/model/listener.h"

namespace sockwatch {

// Foreign text inside an element or a quoted attribute.
std::string escaped(std::string_view foreign);

struct Blank {
  std::string_view name;
  std::string html;  // safe already
};
// Each {{name}} of the template replaced, once: what was filled in is not looked at again.
std::string filled(std::string_view form, std::initializer_list<Blank> blanks);

// "12 s", "4 min", "3 h", "5 d": rounded down to one unit.
std::string age_text(Duration age);

// "3 rules", "1 rule".
std::string counted(std::uint64_t count, std::string_view noun);

// "127.0.0.1", "fe80::1%2", "0.0.0.0 in blue"; not escaped.
std::string place_of(const Listener& listener);

// The program that holds it, or why none is named; not escaped.
std::string program_of(const Listener& listener);

// Tells one listener of a page from the others and stays the same from page to page.
std::string page_key(const Listener& listener);

}  // namespace sockwatch
