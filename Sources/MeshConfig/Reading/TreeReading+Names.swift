// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The `dns:` of the standalone file.
extension TreeReading {
    /// LIMIT: servers to be asked in turn; more would outlast anybody's patience.
    static let serversMax = 8
    /// LIMIT: a shorter life would be a flood of questions.
    private static let ttlLeast = GoDuration(nanoseconds: 100_000_000)

    /// Reads `dns`; a relative path is seen from `folder`.
    mutating func dnsSettings(_ place: Place?, folder: String) -> DNSSettings {
        var settings = DNSSettings()
        let fields = place.flatMap { self.fields(of: $0) } ?? [:]
        settings.servers = fields["servers"].flatMap { servers($0) }
        let path = value(of: fields["resolvConf"]) { (text) throws(ValueError) in
            try Self.path(text, in: folder)
        }
        settings.resolvConf = path ?? settings.resolvConf
        let ttlMin = value(of: fields["minTTL"], takesNumbers: true, Self.ttl)
        let ttlMax = value(of: fields["maxTTL"], takesNumbers: true, Self.ttl)
        settings.ttlMin = ttlMin ?? settings.ttlMin
        settings.ttlMax = ttlMax ?? settings.ttlMax
        if settings.ttlMin > settings.ttlMax, let place = fields["minTTL"] ?? fields["maxTTL"] {
            report(
                "\(place.shown): minTTL is \(settings.ttlMin) and maxTTL is \(settings.ttlMax)",
                hint: "make the least not more than the most",
                at: place
            )
        }
        return settings
    }

    private mutating func servers(_ place: Place) -> [SocketAddress]? {
        guard let items = items(of: place, atMost: Self.serversMax) else { return nil }
        guard !items.isEmpty else {
            report(
                "\(place.shown) is empty",
                hint: "write a server's address, or remove the key for those of resolvConf",
                at: place
            )
            return nil
        }
        return items.compactMap { value(of: $0, Self.server) }
    }

    private static func server(_ text: String) throws(ValueError) -> SocketAddress {
        if let ip = try? IPAddress(parsing: text), !ip.isUnspecified {
            return SocketAddress(ip: ip, port: 53)
        }
        return try peer(text)
    }

    private static func ttl(_ text: String) throws(ValueError) -> GoDuration {
        let duration = try timeout(text)
        guard duration >= ttlLeast else {
            throw ValueError("\(ValueError.quote(text)) is too short; write at least \"100ms\"")
        }
        return duration
    }
}
