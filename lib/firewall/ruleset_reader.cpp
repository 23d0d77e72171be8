// SPDX-License-Identifier: Apache-2.0
#include "lib/firewall/ruleset_reader.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/dir.h"
#include "lib/base/text.h"
#include "lib/firewall/netlink_dump.h"
#include "lib/firewall/ruleset_builder.h"

namespace sockwatch::firewall {
namespace {

constexpr int kMostAttempts = 5;
constexpr std::size_t kMostText = 4 << 20;

void put_request(nlmsghdr& message, int type, std::uint16_t flags, std::uint8_t family) {
  message.nlmsg_type = static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type);
  message.nlmsg_flags = flags;
  auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(&message, sizeof(nfgenmsg)));
  header->nfgen_family = family;
  header->version = NFNETLINK_V0;
}

Result<std::uint32_t> generation_of(NetlinkDump& netlink) {
  std::uint32_t generation = 0;
  const auto asked = netlink.ask(
      [](nlmsghdr& message) { put_request(message, NFT_MSG_GETGEN, 0, AF_UNSPEC); },
      [&generation](const nlmsghdr& message) {
        const Bytes payload = NetlinkDump::payload_of(message);
        AttributeWalk walk(payload.subspan(std::min(NLMSG_ALIGN(sizeof(nfgenmsg)), payload.size())));
        while (const auto attribute = walk.next()) {
          if (attribute->type == NFTA_GEN_ID)
            generation = ntohl(read_struct<std::uint32_t>(attribute->payload).value_or(0));
        }
      });
  if (!asked.ok()) return asked.error();
  return generation;
}

Result<void> dump(NetlinkDump& netlink, int type, const NetlinkDump::Take& take) {
  return netlink.ask([type](nlmsghdr& message) { put_request(message, type, NLM_F_DUMP, AF_UNSPEC); }, take);
}

Result<void> read_elements(NetlinkDump& netlink, RulesetBuilder& builder) {
  for (const RulesetBuilder::SetName& name : builder.set_names()) {
    const auto asked = netlink.ask(
        [&name](nlmsghdr& message) {
          put_request(message, NFT_MSG_GETSETELEM, NLM_F_DUMP, static_cast<std::uint8_t>(name.family));
          mnl_attr_put_strz(&message, NFTA_SET_ELEM_LIST_TABLE, name.table.c_str());
          mnl_attr_put_strz(&message, NFTA_SET_ELEM_LIST_SET, name.name.c_str());
        },
        [&builder](const nlmsghdr& message) { builder.add_elements(message); });
    if (!asked.ok()) return asked.error().within("set " + name.name);
  }
  return {};
}

// EINTR where somebody changed it meanwhile.
Result<Ruleset> read_once(NetlinkDump& netlink) {
  const auto before = generation_of(netlink);
  if (!before.ok()) return before.error();
  RulesetBuilder builder;
  using Add = void (RulesetBuilder::*)(const nlmsghdr&);
  constexpr std::pair<int, Add> kDumps[] = {{NFT_MSG_GETCHAIN, &RulesetBuilder::add_chain},
                                            {NFT_MSG_GETRULE, &RulesetBuilder::add_rule},
                                            {NFT_MSG_GETSET, &RulesetBuilder::add_set}};
  for (const auto& [type, add] : kDumps) {
    const auto dumped =
        dump(netlink, type, [&, add = add](const nlmsghdr& message) { (builder.*add)(message); });
    if (!dumped.ok()) return dumped.error();
  }
  if (const auto elements = read_elements(netlink, builder); !elements.ok()) return elements.error();
  const auto after = generation_of(netlink);
  if (!after.ok()) return after.error();
  if (*after != *before) return Error::from_errno("nf_tables", EINTR);
  return builder.take(*after);
}

// To ask nf_tables something would load it.
bool is_module_not_loaded(const Dir& proc) {
  utsname system{};
  if (::uname(&system) != 0) return false;
  const auto libraries = Dir::open(std::string("/lib/modules/") + system.release);
  const auto modules = libraries.ok() ? libraries->read_file("modules.dep", kMostText) : libraries.error();
  const auto loaded = proc.read_file("modules", kMostText);
  if (!modules.ok() || !loaded.ok()) return false;
  const auto is_nf_tables = [](std::string_view line) { return line.starts_with("nf_tables "); };
  const auto lines = split(*loaded, '\n');
  return modules->find("/nf_tables.ko") != std::string::npos &&
         std::none_of(lines.begin(), lines.end(), is_nf_tables);
}

std::string content_of(const Dir& proc, const char* name) {
  auto content = proc.read_file(name, kMostText);
  return content.ok() ? std::string(trim(*content)) : std::string();
}

std::string joined(const std::string& lines) {
  std::string text = lines;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::vector<std::string> others_that_decide(const Dir& proc) {
  std::vector<std::string> others;
  for (const auto& [name, what] : {std::pair("thread-self/net/ip_tables_names", "legacy iptables: "),
                                   std::pair("thread-self/net/ip6_tables_names", "legacy ip6tables: ")}) {
    if (const std::string tables = content_of(proc, name); !tables.empty())
      others.push_back(what + joined(tables));
  }
  // Three lines of titles.
  const std::string services = content_of(proc, "thread-self/net/ip_vs");
  if (std::count(services.begin(), services.end(), '\n') > 2) others.emplace_back("IPVS");
  return others;
}

}  // namespace

Result<Ruleset> read_ruleset(const std::string& proc) {
  const auto folder = Dir::open(proc);
  if (!folder.ok()) return folder.error();
  Ruleset none;
  none.unread = others_that_decide(*folder);
  if (is_module_not_loaded(*folder)) return none;
  auto netlink = NetlinkDump::open(NETLINK_NETFILTER);
  if (!netlink.ok() && netlink.error().code == EPROTONOSUPPORT) return none;  // a kernel without netfilter
  if (!netlink.ok()) return netlink.error().within("nf_tables");
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    auto ruleset = read_once(*netlink);
    if (ruleset.ok()) {
      ruleset->unread.insert(ruleset->unread.end(), none.unread.begin(), none.unread.end());
      return ruleset;
    }
    if (ruleset.error().code == EINVAL || ruleset.error().code == EOPNOTSUPP)
      return none;  // without nf_tables
    if (ruleset.error().code != EINTR) return ruleset.error().within("nf_tables");
  }
  return Error{"nf_tables changed each time it was read"};
}

}  // namespace sockwatch::firewall
