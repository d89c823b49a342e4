// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// The nftables script that redirects a pod's TCP traffic through its proxy.
///
/// It is one batch, which the kernel takes whole or not at all: the table is declared, so that it
/// can be deleted, and then made anew. Whatever stood in it before, the result is the same.
///
/// `nat` chains see the first packet of a connection only, so a connection keeps the way on which
/// it started, and a rule's counter counts connections.
struct RedirectRules {
    /// The table that holds everything, and nothing else.
    static let table = "inet meshctl"

    /// What the script is made from.
    let options: RedirectOptions

    /// Makes the rules of some options.
    init(_ options: RedirectOptions) { self.options = options }

    /// The script that takes the table away, whether or not there is one.
    static let removal = """
        table \(table)
        delete table \(table)

        """

    /// The script that replaces the table.
    var text: String {
        let lines =
            ["table \(Self.table) {", "    # TCP that arrives from outside the pod."]
            // The priority of destination NAT, which libnftables 1.0.6 knows by name in a
            // prerouting chain but not in an output chain.
            + chain("inbound", hook: "prerouting priority -100", inboundRules)
            + ["", "    # TCP that leaves the pod."]
            + chain("outbound", hook: "output priority -100", outboundRules)
            + ["}"]
        return Self.removal + lines.joined(separator: "\n") + "\n"
    }

    // MARK: Rules, in Linkerd's order

    private var inboundRules: [String] {
        ipv6Rule
            + portsRule(options.directInboundPorts)
            + subnetsRule("ip", AddressSet(options.subnetsToIgnore).ipv4)
            + subnetsRule("ip6", options.leavesIPv6Alone ? [] : ipv6Subnets)
            + [redirect(options.portsToRedirect, to: options.incomingPort)]
    }

    private var outboundRules: [String] {
        var rules = ipv6Rule
        // The socket's owner is the user at the time when the socket was made.
        rules.append(accept("meta skuid \(options.proxyUserID)", "the proxy's user"))
        if let group = options.proxyGroupID {
            rules.append(accept("meta skgid \(group)", "the proxy's group"))
        }
        rules.append(accept("oifname \"lo\"", "the pod to itself"))
        rules += portsRule(options.outboundPortsToIgnore)
        return rules + [redirect(RedirectOptions.noPorts, to: options.outgoingPort)]
    }

    /// Goes first, so that nothing below need say which version it means.
    private var ipv6Rule: [String] {
        options.leavesIPv6Alone ? [accept("meta nfproto ipv6", "IPv6 is left alone")] : []
    }

    private var ipv6Subnets: [CIDR] { AddressSet(options.subnetsToIgnore).ipv6 }

    private func portsRule(_ ports: PortList) -> [String] {
        ports.isEmpty ? [] : [accept("tcp dport \(PortSet(ports))", "ports to ignore")]
    }

    private func subnetsRule(_ version: String, _ subnets: [CIDR]) -> [String] {
        guard !subnets.isEmpty else { return [] }
        let set = subnets.map(\.description).joined(separator: ", ")
        return [accept("\(version) saddr { \(set) }", "subnets to ignore")]
    }

    private func accept(_ match: String, _ comment: String) -> String {
        "\(match) counter accept comment \"\(comment)\""
    }

    private func redirect(_ ports: PortList, to proxyPort: UInt16) -> String {
        let match = ports.isEmpty ? "meta l4proto tcp" : "tcp dport \(PortSet(ports))"
        return "\(match) counter redirect to :\(proxyPort) comment \"to the proxy\""
    }

    private func chain(_ name: String, hook: String, _ rules: [String]) -> [String] {
        let body = ["type nat hook \(hook); policy accept;"] + rules
        return ["    chain \(name) {"] + body.map { "        " + $0 } + ["    }"]
    }
}

/// Ports as nftables' anonymous set, in which no two intervals may overlap.
struct PortSet: CustomStringConvertible {
    /// Disjoint ranges in ascending order; neighbours are joined.
    let ranges: [PortRange]

    /// Makes the set of a list's ports and ranges.
    init(_ list: PortList) {
        var joined: [PortRange] = []
        for range in list.ranges {
            // In Int, because the port after 65535 is no port.
            if let last = joined.last, Int(range.lower) <= Int(last.upper) + 1 {
                joined[joined.count - 1] = PortRange(last.lower...max(last.upper, range.upper))
            } else {
                joined.append(range)
            }
        }
        ranges = joined
    }

    /// `{ 25, 4190-4191 }`.
    var description: String { "{ \(ranges.map(\.description).joined(separator: ", ")) }" }
}

/// Ranges of addresses of which none lies in another.
///
/// Two ranges that overlap do so wholly, so nothing else can be wrong with them for nftables.
struct AddressSet {
    /// The ranges of IPv4, in the order given.
    let ipv4: [CIDR]
    /// The ranges of IPv6, in the order given.
    let ipv6: [CIDR]

    /// Keeps the widest ranges of a list, each once.
    init(_ subnets: [CIDR]) {
        var kept: [CIDR] = []
        for subnet in subnets where !kept.contains(where: { $0.holds(subnet) }) {
            kept.removeAll { subnet.holds($0) }
            kept.append(subnet)
        }
        ipv4 = kept.filter { $0.network.bitWidth == 32 }
        ipv6 = kept.filter { $0.network.bitWidth == 128 }
    }
}

extension CIDR {
    /// Whether every address of another range is in this one.
    fileprivate func holds(_ other: CIDR) -> Bool {
        prefixLength <= other.prefixLength && contains(other.network)
    }
}
