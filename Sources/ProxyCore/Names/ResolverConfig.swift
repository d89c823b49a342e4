// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// What resolv.conf(5) says: whom to ask, and what a short name may stand for.
public struct ResolverConfig: Equatable, Sendable {
    /// The name servers, in the order in which they are asked.
    public var servers: [SocketAddress] = []
    /// What is put behind a short name, in this order.
    public var searchDomains: [String] = []
    /// A name with so many dots is first tried as it is; in a pod 5.
    public var dotsMin = 1
    /// How long a server may take, the first time.
    public var timeoutMillis = 5000
    /// How often each server is asked.
    public var tries = 2

    /// LIMIT: servers that are asked; glibc reads three.
    public static let serversMax = 8
    /// LIMIT: search domains, as in Kubernetes (`MaxDNSSearchPaths`).
    private static let searchDomainsMax = 32
    /// LIMIT: resolv.conf(5)'s own bound on `ndots`.
    private static let dotsMax = 15
    /// LIMIT: resolv.conf(5)'s own bound on `timeout`.
    private static let timeoutSecondsMax = 30
    /// LIMIT: resolv.conf(5)'s own bound on `attempts`.
    private static let triesMax = 5

    /// What holds without a file.
    public init() {}

    /// Reads a file; as everybody's, this reader passes over what it does not know.
    public init(parsing bytes: [UInt8]) {
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            // Only at the start of a line do these begin a comment.
            guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";")
            else { continue }
            let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
                .map { String(decoding: $0, as: UTF8.self) }
            guard let key = words.first else { continue }
            take(key, words.dropFirst())
        }
    }

    private mutating func take(_ key: String, _ values: ArraySlice<String>) {
        switch key {
        case "nameserver":
            guard servers.count < Self.serversMax, let text = values.first,
                let ip = try? IPAddress(parsing: text)
            else { return }
            servers.append(SocketAddress(ip: ip, port: 53))
        case "search", "domain":
            // The last of either counts.
            let domains = values.compactMap { HostName.normalized(Array($0.utf8)) }
            searchDomains = Array(domains.prefix(key == "domain" ? 1 : Self.searchDomainsMax))
        case "options":
            for option in values { take(option: option) }
        default: break
        }
    }

    private mutating func take(option: String) {
        let parts = option.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let number = Int(parts[1]), number >= 0 else { return }
        switch parts[0] {
        case "ndots": dotsMin = min(number, Self.dotsMax)
        case "timeout": timeoutMillis = max(1, min(number, Self.timeoutSecondsMax)) * 1000
        case "attempts": tries = max(1, min(number, Self.triesMax))
        default: break
        }
    }

    /// The whole names that a name may stand for, in the order in which they are tried.
    ///
    /// A name with a dot at its end is whole.
    public func candidates(for name: String) -> [String] {
        if name.utf8.last == UInt8(ascii: ".") { return [String(name.dropLast())] }
        let dots = name.utf8.count { $0 == UInt8(ascii: ".") }
        let longer = searchDomains.map { name + "." + $0 }
            .filter { $0.utf8.count <= HostName.bytesMax }
        return dots >= dotsMin ? [name] + longer : longer + [name]
    }
}
