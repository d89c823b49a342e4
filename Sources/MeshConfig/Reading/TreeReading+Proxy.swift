// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The `proxy:` tree.
extension TreeReading {
    /// Reads the tree under `proxy`, nested as `linkerd.io/proxy-config` has it.
    ///
    /// With `allowsAnyPort`, port 0 (a free one of the kernel's choice) will do: not where a
    /// redirect has to name the port.
    mutating func proxySettings(_ place: Place?, allowsAnyPort: Bool) -> ProxySettings {
        var settings = ProxySettings()
        let fields = place.flatMap { self.fields(of: $0) } ?? [:]
        let listen = value(of: fields["listenAddr"]) { (text) throws(ValueError) in
            try Self.outbound(text, allowsAnyPort: allowsAnyPort)
        }
        settings.outboundListen = listen ?? settings.outboundListen
        listeners.append(
            Listener(
                name: "proxy.listenAddr",
                address: settings.outboundListen,
                place: listen == nil ? nil : fields["listenAddr"]
            )
        )
        let inner = fields["proxy"].flatMap { self.fields(of: $0) } ?? [:]
        let outgoing = inner["outgoing"].flatMap { self.fields(of: $0) } ?? [:]
        let request = outgoing["request"].flatMap { self.fields(of: $0) } ?? [:]
        settings.requestTimeout = value(of: request["timeout"], takesNumbers: true, Self.timeout)
        settings.allow = outgoing["allow"].flatMap { allow($0) }
        return settings
    }

    /// The outbound listener gets whatever the machine's own processes send: nobody else may.
    private static func outbound(
        _ text: String,
        allowsAnyPort: Bool
    ) throws(ValueError) -> SocketAddress {
        let address = try SocketAddress(parsing: text, defaultHost: .loopbackV4)
        guard address.ip.isLoopback else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a loopback address, and no other machine may "
                    + "use the outbound side; write \":\(address.port)\""
            )
        }
        guard allowsAnyPort || address.port > 0 else {
            throw ValueError(
                "\(ValueError.quote(text)) has port 0, which no redirect can name; "
                    + "write a port from 1 to 65535, such as \":4140\""
            )
        }
        return address
    }

    private mutating func allow(_ place: Place) -> [AllowEntry]? {
        // Nobody can tell whether a list whose items were all removed meant everything or nothing.
        guard manifest.typedValue(of: place.node) != .null else {
            report(
                "\(place.shown) has no value",
                hint: "write [] to refuse everything, or remove the key to allow everything",
                at: place
            )
            return nil
        }
        guard let items = items(of: place, atMost: Self.listItemsMax) else { return nil }
        return items.compactMap { item in
            value(of: item) { (text) throws(ValueError) in try AllowEntry(parsing: text) }
        }
    }
}
