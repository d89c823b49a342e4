// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// Which addresses a pod connects to in order to prove that it is redirected.
///
/// A listener at `::` says that the mesh redirects both versions of IP, so that both are proven, as
/// far as the pod has them; a version that it lacks leads nowhere that a redirect could miss.
public struct RedirectPlan: Equatable, Sendable {
    /// The versions of IP that lead out of a pod.
    public struct Versions: Equatable, Sendable {
        /// Whether an address of version 4 does.
        public let hasIPv4: Bool
        /// Whether an address of version 6 does.
        public let hasIPv6: Bool

        /// Makes the set.
        public init(hasIPv4: Bool, hasIPv6: Bool) {
            self.hasIPv4 = hasIPv4
            self.hasIPv6 = hasIPv6
        }

        /// Reads the kernel's tables; a table that is nil counts as full, so that a test is never
        /// left out because a file could not be read.
        public init(ipv4Routes: String?, ipv6Addresses: String?) {
            hasIPv4 = ipv4Routes.map(Self.leadsOut) ?? true
            hasIPv6 = ipv6Addresses.map(Self.hasRoutableAddress) ?? true
        }

        /// `/proc/net/route`: interface, destination, gateway and flags, in columns, with a head.
        private static func leadsOut(_ table: String) -> Bool {
            table.split(separator: "\n").dropFirst().contains { line in
                let fields = line.split { $0 == "\t" || $0 == " " }
                guard fields.count > 3, let flags = UInt16(fields[3], radix: 16) else {
                    return false
                }
                // RTF_UP without RTF_REJECT (linux/route.h).
                return fields[0] != "lo" && flags & 0x201 == 1
            }
        }

        /// `/proc/net/if_inet6`: address, index, prefix, scope, flags and interface, in columns.
        ///
        /// Every interface has an address of the link's scope, which leads to no service.
        private static func hasRoutableAddress(_ list: String) -> Bool {
            list.split(separator: "\n").contains { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[3] != "10" && fields[3] != "20"
            }
        }
    }

    /// Where to connect, in this order.
    public let targets: [SocketAddress]
    /// What is worth a warning, although nothing fails for it.
    public let warnings: [String]
    /// What was left out, and why.
    public let omissions: [String]

    /// What Linkerd's validator connects to: addresses that nobody in a cluster has.
    public static let defaultIPv4 = SocketAddress(ip: .v4(0x0101_0101), port: 20001)
    /// The same for IPv6: `fd00::1`.
    public static let defaultIPv6 = SocketAddress(ip: .v6(0xFD00 << 112 | 1), port: 20001)

    /// Makes the plan of a listener and the addresses that were given.
    ///
    /// - Throws: a contradiction, or that there is nothing at all to prove.
    public init(
        listener: SocketAddress,
        connectAddresses: [SocketAddress],
        versions: Versions
    ) throws(ValueError) {
        var wanted = connectAddresses
        let takesBoth = listener.ip == .unspecifiedV6
        for address in [Self.defaultIPv6, Self.defaultIPv4] {
            let isSame = { (other: SocketAddress) in other.ip.bitWidth == address.ip.bitWidth }
            guard takesBoth || isSame(listener), !wanted.contains(where: isSame) else { continue }
            wanted.append(address)
        }
        if let lost = wanted.first(where: { !takesBoth && $0.ip.bitWidth != listener.ip.bitWidth })
        {
            throw ValueError(
                "--listen-addr \(listener) takes no connection to --connect-addr \(lost); "
                    + "listen at [::]:\(listener.port)"
            )
        }
        let isProvable = { (address: SocketAddress) in
            address.ip.bitWidth == 32 ? versions.hasIPv4 : versions.hasIPv6
        }
        targets = wanted.filter(isProvable)
        omissions = wanted.filter { !isProvable($0) }.map { target in
            let version = target.ip.bitWidth == 32 ? "IPv4" : "IPv6"
            return "the pod has no \(version) address that leads out of it: nothing to prove"
        }
        let isIPv6Alone = !takesBoth && listener.ip.bitWidth == 32 && versions.hasIPv6
        guard !targets.isEmpty else {
            throw ValueError(
                isIPv6Alone
                    ? "the pod has IPv6 addresses only, and the mesh leaves IPv6 alone; set "
                        + "disableIPv6=false"
                    : "the pod has no address that leads out of it, so nothing can be proven"
            )
        }
        warnings =
            isIPv6Alone ? ["the pod has IPv6 addresses, whose traffic bypasses the proxy"] : []
    }
}
