// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// What the standalone file has beside the `proxy:` tree.
extension TreeReading {
    /// Reads `identity`; relative paths are seen from `folder`.
    mutating func identityFiles(_ place: Place?, folder: String) -> IdentityFiles? {
        guard let place, let fields = fields(of: place) else { return nil }
        let name = value(of: fields["name"], Self.identity)
        let paths = ["certificate", "key", "trustRoots"].map { key in
            value(of: fields[key]) { (text) throws(ValueError) in
                try Self.path(text, in: folder)
            }
        }
        guard let name, let certificate = paths[0], let key = paths[1], let roots = paths[2]
        else { return nil }
        return IdentityFiles(name: name, certificate: certificate, key: key, trustRoots: roots)
    }

    /// Reads `inbound`.
    mutating func inboundSettings(_ place: Place?, hasIdentity: Bool) -> InboundSettings {
        var settings = InboundSettings()
        let fields = place.flatMap { self.fields(of: $0) } ?? [:]
        settings.listen = listener(fields["listenAddr"], "inbound.listenAddr", settings.listen)
        settings.adminListen = listener(
            fields["adminListenAddr"],
            "inbound.adminListenAddr",
            settings.adminListen
        )
        let policy = value(of: fields["defaultPolicy"]) { (text) throws(ValueError) in
            try InboundPolicy(parsing: text)
        }
        settings.defaultPolicy = policy ?? settings.defaultPolicy
        if !hasIdentity, let place = fields["defaultPolicy"],
            policy == .allAuthenticated || policy == .clusterAuthenticated
        {
            report(
                "\(place.shown): without TLS nobody is authenticated, so nobody could connect",
                hint: "add \"identity\" to the file, or write \"deny\" if that is meant",
                at: place
            )
        }
        let networks = list(
            of: fields["clusterNetworks"],
            item: { (text) throws(ValueError) in try CIDR(parsing: text) },
            joined: { (text) throws(ValueError) in try CIDRList(parsing: text).items }
        )
        settings.clusterNetworks = networks.map { CIDRList($0) } ?? settings.clusterNetworks
        let ports = list(
            of: fields["opaquePorts"],
            item: { (text) throws(ValueError) in try PortRange(parsing: text) },
            joined: { (text) throws(ValueError) in try PortList(parsing: text).ranges }
        )
        settings.opaquePorts = ports.map { PortList($0) } ?? settings.opaquePorts
        settings.forwardTo = forwardTo(fields["forwardTo"])
        settings.probes = fields["probes"].map { probes($0) } ?? []
        return settings
    }

    private mutating func probes(_ place: Place) -> [ProbeRoute] {
        guard let items = items(of: place, atMost: Self.listItemsMax) else { return [] }
        return items.compactMap { item in
            guard let fields = self.fields(of: item) else { return nil }
            let port = value(of: fields["port"], takesNumbers: true) { (text) throws(ValueError) in
                try PortNumber(parsing: text)
            }
            guard let port else { return nil }
            return value(of: fields["path"]) { (text) throws(ValueError) in
                try ProbeRoute(port: port, path: text)
            }
        }
    }

    /// Reads `timeouts`.
    mutating func timeoutSettings(_ place: Place?) -> TimeoutSettings {
        var settings = TimeoutSettings()
        let fields = place.flatMap { self.fields(of: $0) } ?? [:]
        func read(_ name: String, _ usual: GoDuration) -> GoDuration {
            value(of: fields[name], takesNumbers: true, Self.timeout) ?? usual
        }
        settings.head = read("head", settings.head)
        settings.stall = read("stall", settings.stall)
        settings.idle = read("idle", settings.idle)
        return settings
    }

    private mutating func listener(
        _ place: Place?,
        _ name: String,
        _ usual: SocketAddress
    ) -> SocketAddress {
        let address = value(of: place) { (text) throws(ValueError) in
            try SocketAddress(parsing: text, defaultHost: usual.ip)
        }
        listeners.append(
            Listener(name: name, address: address ?? usual, place: address == nil ? nil : place)
        )
        return address ?? usual
    }

    /// Reads where inbound traffic goes, which must not be back into the proxy.
    private mutating func forwardTo(_ place: Place?) -> SocketAddress? {
        let address = value(of: place) { (text) throws(ValueError) in
            try Self.peer(text, defaultHost: .loopbackV4)
        }
        guard let place, let address else { return nil }
        // Of a listener on every address, only loopback is surely this machine.
        let loop = listeners.first { listener in
            listener.isReached(by: address)
                && (listener.address.ip == address.ip || address.ip.isLoopback)
        }
        if let loop {
            report(
                "\(place.shown): \(address) is the proxy's own \(loop.name)",
                hint: "write the address of the application behind the proxy",
                at: place
            )
        }
        return address
    }
}
