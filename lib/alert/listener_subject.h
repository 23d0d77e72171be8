// SPDX-License-Identifier: Apache-2.0
// What an alert about a listener raises and clears, in the form that outlives restarts (subject.h). Pure.
#pragma once

#include <set>
#include <string>

#include "lib/alert/raised_set.h"
#include "lib/model/event.h"

namespace sockwatch {

// Several listeners may be one to a reader, and have one name.
Raised raised_of(const Listener& listener);

// An event that is wrong beside the listener's own alert, and ends by itself: it has a name of its own.
bool stands_beside(Event event);

// Empty for what is over once it is reported.
std::string subject_of(const Listener& listener, Event event);
std::set<std::string> subjects_of_sharers(const Listener& listener);

// Of an alert about a listener: its endpoint and its owner, by which flaps are told apart; else empty.
std::string place_and_owner(const Alert& alert);

}  // namespace sockwatch
