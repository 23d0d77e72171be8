// SPDX-License-Identifier: Apache-2.0
// What of a name is the same at the next start: the one place that knows which names are made up anew each
// time. Numbers of containers and sessions, hashes, random mount points. Pure text.
#pragma once

#include <string>
#include <string_view>

namespace sockwatch {

// A name whose made-up part gave way to "*" or "?".
struct LastingName {
  std::string text;  // for identities and labels: equal texts are the same name
  std::string glob;  // matches each name that has this text, and nothing else

  // Whether any part was made up.
  bool was_changed(std::string_view name) const { return text != name; }
};

// The unit as it is, or nothing where the next start has another: scopes ("session-3.scope"), transient units
// ("run-u12.service"), a user's whole manager ("user@1000.service"), instances that are numbered by who made
// them ("app-firefox@UUID.service", "dbus-:1.2-org.kde.kded6@0.service", of Accept=yes
// "vsftpd@3-10.0.0.1:21-10.0.0.9:5001.service").
std::string lasting_unit(std::string_view unit);

// "docker:*" of "docker:0123456789ab", "machine:qemu-*-web" of a virtual machine that libvirt has numbered;
// "lxc:web" as it is.
LastingName lasting_container(std::string_view container);
// Nothing but the engine of its name lasts: the next container of the same image has another.
bool is_numbered(std::string_view container);

// "net:*" of an inode, "cni-*" of a Pod's, what lasts of a container's.
LastingName lasting_namespace(std::string_view name);
// The inode is all that is known of it; the kernel gives it out again.
bool is_unnamed_namespace(std::string_view name);

// The path of a program without the random directory of an AppImage or a build, or the revision of a snap.
LastingName lasting_program(std::string_view exe);

// A glob that matches this text and nothing else. TOML cannot hold a text that is not UTF-8: a rule takes it
// by how it is shown (lib/policy/fit.cpp).
std::string exact_glob(std::string_view text);

}  // namespace sockwatch
