# SPDX-License-Identifier: Apache-2.0
"""Random rulesets of nftables, as wild as the grammar lets them be, around the few addresses and ports that the probes
of firewall_world.py use."""
V4 = ("198.51.100.2", "198.51.100.77", "203.0.113.9", "203.0.113.200", "8.8.4.4", "45.6.7.8", "172.20.0.5",
      "192.0.2.129", "10.1.0.2", "10.1.0.3", "10.1.0.130")
V6 = ("2001:db8:1::2", "2001:db8:1::77", "2001:db8:2:3::4", "2a00:1:2:3:4:5:6:7", "fd00:9::1", "fd00:1::2",
      "fd00:1::a0")
NETS4 = ("198.51.100.0/24", "203.0.113.0/24", "203.0.113.128/25", "10.0.0.0/8", "10.1.0.128/25", "8.0.0.0/7",
         "45.0.0.0/10", "172.16.0.0/12", "0.0.0.0/1", "128.0.0.0/1", "192.0.2.128/28")
NETS6 = ("2001:db8::/32", "2001:db8:1::/64", "fd00::/8", "fd00:1::/64", "2a00::/12", "2000::/3", "fd00:1::80/121")
RANGES4 = ("10.1.0.3-10.1.0.200", "198.51.100.3-203.0.113.100", "8.8.4.0-100.64.1.1")
RANGES6 = ("2001:db8:1::3-2001:db8:2::1", "fd00:1::3-fd00:9::2")
PORTS = (22, 80, 443, 5432, 8080, 9000)
FREE_PORTS = (81, 2222, 7000, 7001)  # nobody listens: for dnat and redirect
MARKS = (1, 2, 3, 255)
CHAINS = ("one", "two", "three")


class Rules:
    """`random` decides everything."""

    def __init__(self, random):
        self.random = random
        self.pick = random.choice

    def some(self, values, most=3):
        return self.random.sample(values, self.random.randint(1, min(most, len(values))))

    def maybe(self, chance=0.5):
        return self.random.random() < chance

    def a_set(self, values):
        return "{ " + ", ".join(str(value) for value in values) + " }"

    def negation(self):
        return "!= " if self.maybe(0.25) else ""

    def verdict(self, chains):
        kinds = ["accept"] * 4 + ["drop"] * 3 + ["continue", "return", "reject"]
        kinds += [f"jump {chain}" for chain in chains] + [f"goto {chain}" for chain in chains]
        return self.pick(kinds)

    def address(self, version, field):
        singles, nets, ranges = (V4, NETS4, RANGES4) if version == 4 else (V6, NETS6, RANGES6)
        head = f"{'ip' if version == 4 else 'ip6'} {field} "
        kind = self.random.randrange(7)
        if kind == 0:
            return head + self.negation() + self.pick(singles)
        if kind == 1:
            return head + self.negation() + self.pick(nets)
        if kind == 2:
            return head + self.negation() + self.pick(ranges)
        if kind == 3:
            return head + self.negation() + self.a_set(self.some(singles, 4))
        if kind == 4:
            return head + self.negation() + self.a_set([self.pick(nets)])
        if kind == 5:
            name = f"@nets{version}" if self.maybe() else f"@addresses{version}"
            return head + self.negation() + name
        operator = self.pick(("<", "<=", ">", ">="))
        return head + operator + " " + self.pick(singles)

    def masked(self):
        if self.maybe():
            return f"ip saddr & 0.0.0.{self.pick((1, 3, 128))} == 0.0.0.{self.pick((0, 1))}"
        return "ip6 saddr & ::1 == ::1"

    def port(self, protocol):
        head = f"{protocol} dport "
        kind = self.random.randrange(5)
        if kind == 0:
            return head + self.negation() + str(self.pick(PORTS))
        if kind == 1:
            return head + self.negation() + self.pick(("1-1023", "80-443", "5000-9000", "1024-65535"))
        if kind == 2:
            return head + self.negation() + self.a_set(self.some(PORTS))
        if kind == 3:
            return head + self.pick(("<", ">", "<=", ">=")) + " " + str(self.pick(PORTS))
        return head + self.negation() + "@ports"

    def match(self, hook):
        """One condition; `hook` decides what the kernel knows there."""
        protocol = self.pick(("tcp", "udp", "th"))
        options = [
            lambda: self.address(4, "saddr"), lambda: self.address(6, "saddr"), lambda: self.address(4, "saddr"),
            self.masked, lambda: self.port("tcp"), lambda: self.port("udp"), lambda: self.port("tcp"),
            lambda: f"iifname {self.negation()}{self.pick(('wan', 'lan', 'dock', 'w*'))}",
            lambda: f"iif {self.negation()}{self.pick(('wan', 'lan'))}",
            lambda: f"iifname {self.a_set(self.some(('wan', 'lan', 'lo')))}",
            lambda: f"meta l4proto {self.negation()}{self.pick(('tcp', 'udp', 'icmp'))}",
            lambda: f"meta l4proto {{ tcp, udp }} th dport {self.a_set(self.some(PORTS))}",
            lambda: f"meta mark {self.negation()}{self.pick(MARKS)}",
            lambda: f"meta mark & {self.pick(MARKS)} == {self.pick((0, 1))}",
            lambda: "meta pkttype host",
            lambda: f"tcp flags & (fin|syn|rst|ack) {self.pick(('==', '!='))} syn",
            lambda: f"tcp sport {self.negation()}1024-65535",
            lambda: f"{'tcp' if protocol == 'th' else protocol} sport {self.negation()}{self.pick((53, 40000))}",
            lambda: f"fib saddr type {self.negation()}{self.pick(('local', 'unicast', 'broadcast'))}",
            lambda: f"ip saddr . tcp dport {self.negation()}@pairs",
            lambda: f"ip saddr . th dport {self.negation()}@netpairs",
            lambda: "limit rate 1000000/second burst 100000 packets",
            lambda: "limit rate over 1000000/second burst 100000 packets",
            lambda: f"ip ttl {self.pick(('64', '< 10'))}",
            lambda: f"ip frag-off & 0x1fff {self.pick(('==', '!='))} 0",
            lambda: f"numgen random mod 2 {self.pick(('== 0', '!= 1'))}",
            lambda: f"ip daddr {self.negation()}{self.pick(('198.51.100.1', '10.1.0.1', '10.0.0.0/8'))}",
            lambda: f"ip6 daddr {self.negation()}{self.pick(('2001:db8:1::1', 'fd00::/8'))}",
            lambda: "meta nfproto " + self.pick(("ipv4", "ipv6")),
        ]
        if hook != "ingress":
            options += [
                lambda: f"ct state {self.negation()}{self.pick(('new', 'established,related', 'invalid', 'untracked'))}",
                lambda: f"ct mark {self.negation()}{self.pick(MARKS)}",
                lambda: f"ct status {self.pick(('dnat', 'snat', 'dnat,snat'))}",
                lambda: f"ct original proto-dst {self.negation()}{self.pick(PORTS + FREE_PORTS)}",
                lambda: f"ct direction {self.pick(('original', 'reply'))}",
            ]
        if hook in ("prerouting", "input", "chain"):
            options += [lambda: f"fib daddr type {self.negation()}{self.pick(('local', 'unicast'))}",
                        lambda: f"fib saddr . iif oif {self.pick(('exists', 'missing'))}"]
        if hook == "forward":
            options += [lambda: f"oifname {self.negation()}{self.pick(('dock', 'wan'))}"]
        return self.pick(options)()

    def vmap(self, chains):
        kind = self.random.randrange(5)
        if kind == 0:
            ports = self.some(PORTS, 4)
            return f"{self.pick(('tcp', 'udp', 'th'))} dport vmap " + self.a_set(
                f"{port} : {self.verdict(chains)}" for port in ports)
        if kind == 1:
            return "ip saddr vmap " + self.a_set(
                f"{net} : {self.verdict(chains)}" for net in self.some(("198.51.100.0/24", "10.0.0.0/8", "203.0.113.9"), 3))
        if kind == 2:
            return "iifname vmap " + self.a_set(f"{name} : {self.verdict(chains)}" for name in self.some(("wan", "lan")))
        if kind == 3:
            pairs = {(self.pick(V4), self.pick(PORTS)) for _ in range(3)}
            return "ip saddr . tcp dport vmap " + self.a_set(
                f"{source} . {port} : {self.verdict(chains)}" for source, port in sorted(pairs))
        return "ip6 saddr vmap " + self.a_set(
            f"{source} : {self.verdict(chains)}" for source in self.some(V6, 3))

    def statement(self, hook):
        options = ["counter", "log", f"meta mark set {self.pick(MARKS)}", 'comment "any"',
                   f"meta mark set meta mark | {self.pick(MARKS)}"]
        if hook != "ingress":
            options += [f"ct mark set {self.pick(MARKS)}", "ct mark set meta mark", "meta mark set ct mark"]
        return self.pick(options)

    def rule(self, hook, chains, version):
        """`version` 0: of an inet table, which sees both."""
        if self.maybe(0.15):
            line = self.vmap(chains)
        else:
            line = " ".join(self.match(hook) for _ in range(self.pick((0, 1, 1, 1, 2, 2, 3))))
            if self.maybe(0.25) and "comment" not in line:
                mark = self.statement(hook)
                line += " " + mark
            line += "" if self.maybe(0.1) or "comment" in line else " " + self.verdict(chains)
        reject = "reject" in line and hook not in ("input", "forward", "chain")
        foreign = (version == 4 and "ip6 " in line) or (version == 6 and "ip " in line.replace("ip6 ", ""))
        return "" if foreign or reject or not line.strip() else line.strip()

    def translation(self, version):
        """A rule of a nat chain."""
        ports = self.pick((f"tcp dport {self.pick(PORTS + FREE_PORTS)}", f"udp dport {self.pick(PORTS + FREE_PORTS)}",
                           f"tcp dport {self.a_set(self.some(PORTS + FREE_PORTS))}", "tcp dport 7000-7100"))
        where = self.pick(("", "", "iifname wan ", "fib daddr type local ", "ip daddr 198.51.100.1 "))
        who = self.address(4, "saddr") + " " if self.maybe(0.3) else ""
        if version == 6 or (version == 0 and self.maybe(0.3)):
            where, who = "", self.address(6, "saddr") + " " if self.maybe(0.3) else ""
            to = self.pick(("[fd00:30::2]:80", "[fd00:30::2]:5000", "[fd00:30::2]"))
            target = f"dnat to {to}" if version == 6 else f"dnat ip6 to {to}"
        else:
            to = self.pick(("172.30.0.2:80", "172.30.0.2:5000", "172.30.0.2", "10.1.0.1:9000"))
            target = f"dnat to {to}" if version == 4 else f"dnat ip to {to}"
        if self.maybe(0.3):
            target = f"redirect to :{self.pick(PORTS)}"
        if self.maybe(0.1) and version == 4:
            ports, target = "", "dnat to tcp dport map { 7000 : 172.30.0.2, 443 : 172.30.0.2, 22 : 10.1.0.1 }"
        return f"{who}{where}{ports} {target}"

    def chain(self, name, head, hook, chains, version):
        lines = [f"chain {name} {{", *head]
        lines += filter(None, (self.rule(hook, chains, version) for _ in range(self.random.randint(1, 7))))
        return [*lines, "}"]

    def base_chains(self, version):
        for hook, priorities in (("prerouting", (-300, -150, 0)), ("input", (-150, 0, 50)), ("forward", (-150, 0)),
                                 ("postrouting", (-150, 0))):
            for priority in priorities:
                if not self.maybe({"input": 0.45, "prerouting": 0.25, "forward": 0.3}.get(hook, 0.1)):
                    continue
                policy = "drop" if self.maybe(0.4) and hook == "input" else "accept"
                head = [f"type filter hook {hook} priority {priority}; policy {policy};"]
                # Answers go their way: only the first packet is predicted.
                head += {"prerouting": ["iifname dock accept"], "forward": ["iifname dock accept"],
                         "postrouting": ["iifname != { wan, lan } accept"]}.get(hook, [])
                if priority == -300 and self.maybe(0.3):
                    head.append(self.address(4, "saddr") + " notrack" if version != 6 else "tcp dport 22 notrack")
                yield from self.chain(f"{hook}{priority + 300}", head, hook, CHAINS if hook != "prerouting" else (), version)
        if self.maybe(0.5):
            yield from ["chain nat {", f"type nat hook prerouting priority {self.pick((-100, -90, -300))};",
                        *(self.translation(version) for _ in range(self.random.randint(1, 4))), "}"]

    def table(self, family, name):
        version = {"ip": 4, "ip6": 6}.get(family, 0)
        lines = [f"table {family} {name} {{",
                 "set ports { type inet_service; flags interval; elements = { 22, 80-90, 5000-6000 } }"]
        lines.append("set nets4 { type ipv4_addr; flags interval; elements = "
                     + self.a_set(self.some(("10.1.0.0/24", "203.0.113.0/25", "8.8.4.4", "172.16.0.0/12"), 4)) + " }")
        lines.append("set addresses4 { type ipv4_addr; elements = " + self.a_set(self.some(V4, 4)) + " }")
        lines.append("set nets6 { type ipv6_addr; flags interval; elements = "
                     + self.a_set(self.some(("2001:db8::/32", "fd00:1::/64", "2a00::/16"))) + " }")
        lines.append("set addresses6 { type ipv6_addr; elements = " + self.a_set(self.some(V6, 4)) + " }")
        pairs = sorted({(self.pick(V4), self.pick(PORTS)) for _ in range(4)})
        lines.append("set pairs { type ipv4_addr . inet_service; elements = "
                     + self.a_set(f"{source} . {port}" for source, port in pairs) + " }")
        pairs = list(zip(self.some(("198.51.100.0/24", "10.0.0.0/8", "203.0.113.0/24")), self.some(("22-443", "8080", "9000-9001"))))
        lines.append("set netpairs { type ipv4_addr . inet_service; flags interval; elements = "
                     + self.a_set(f"{net} . {ports}" for net, ports in pairs) + " }")
        # Each calls only those before it, so that nothing goes round in circles.
        for number, chain in enumerate(CHAINS):
            lines += self.chain(chain, [], "chain", CHAINS[:number], version)
        return [*lines, *self.base_chains(version), "}"]

    def ingress(self):
        return ["table netdev ingress {",
                *self.chain("wan", ["type filter hook ingress device wan priority 0; policy accept;"], "ingress", (), 0), "}"]

    def ruleset(self):
        """Its lines; nft may refuse some of them, each is a line of its own."""
        lines = []
        for number in range(self.random.randint(1, 3)):
            lines += self.table(self.pick(("inet", "inet", "ip", "ip6")), f"t{number}")
        return lines + (self.ingress() if self.maybe(0.2) else [])
