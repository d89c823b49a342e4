// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Single values and lists of them.
extension TreeReading {
    /// LIMIT: destinations, networks and ports are written by hand; each connection walks the list.
    static let listItemsMax = 1024
    /// LIMIT: Linux's PATH_MAX, less the byte that ends a path.
    private static let pathBytesMax = 4095
    /// LIMIT: a year, so that a deadline (a clock's reading and this) never overflows.
    private static let timeoutMax = GoDuration(nanoseconds: 365 * 24 * 3600 * 1_000_000_000)

    /// The text of a string, and with `takesNumbers` of a number as it is written.
    ///
    /// A number whose text YAML reads as another one (`010` is 8) has to be quoted.
    mutating func text(of place: Place, takesNumbers: Bool = false) -> String? {
        let node = manifest.resolve(place.node)
        switch manifest.typedValue(of: node) {
        case .string(let text): return text
        case .integer(let number), .float(let number):
            if takesNumbers, manifest.isScalar(node, number) { return number }
        case .boolean, .notFinite, .null, .collection: break
        }
        let isQuotable =
            manifest.kind(of: node) == .scalar && manifest.typedValue(of: node) != .null
        report(
            "\(place.shown) must be a string, not \(typeName(of: node))",
            hint: isQuotable ? "write \(ValueError.quote(manifest.text(of: node)))" : nil,
            at: place
        )
        return nil
    }

    /// What a string means; nil without a place, and where it means nothing.
    mutating func value<Value>(
        of place: Place?,
        takesNumbers: Bool = false,
        _ parse: (String) throws(ValueError) -> Value
    ) -> Value? {
        guard let place, let text = text(of: place, takesNumbers: takesNumbers) else { return nil }
        do throws(ValueError) {
            return try parse(text)
        } catch {
            report("\(place.shown): \(error.message)", at: place)
            return nil
        }
    }

    /// A list, or its items in one string with commas between.
    mutating func list<Item>(
        of place: Place?,
        item: (String) throws(ValueError) -> Item,
        joined: (String) throws(ValueError) -> [Item]
    ) -> [Item]? {
        guard let place else { return nil }
        guard manifest.typedValue(of: place.node) != .null else {
            report("\(place.shown) has no value", hint: "write [] for none", at: place)
            return nil
        }
        guard manifest.kind(of: manifest.resolve(place.node)) == .sequence else {
            return value(of: place, takesNumbers: true, joined)
        }
        guard let items = items(of: place, atMost: Self.listItemsMax) else { return nil }
        let values = items.map { value(of: $0, takesNumbers: true, item) }
        return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
    }

    /// An address that something can connect to.
    static func peer(
        _ text: String,
        defaultHost: IPAddress? = nil
    ) throws(ValueError)
        -> SocketAddress
    {
        let address = try SocketAddress(parsing: text, defaultHost: defaultHost)
        guard address.port > 0 else {
            throw ValueError(
                "\(ValueError.quote(text)) has port 0, which nothing listens on; "
                    + "write a port from 1 to 65535"
            )
        }
        guard !address.ip.isUnspecified else {
            throw ValueError(
                "\(ValueError.quote(text)) is no address to connect to; "
                    + "write one such as \"127.0.0.1:\(address.port)\""
            )
        }
        return address
    }

    /// A timeout: longer than nothing, and bounded.
    static func timeout(_ text: String) throws(ValueError) -> GoDuration {
        let duration = try GoDuration(parsing: text)
        guard duration.nanoseconds > 0 else {
            throw ValueError(
                "\(ValueError.quote(text)) leaves no time for any request; "
                    + "write more than 0, such as \"5s\", or remove the key for no bound"
            )
        }
        guard duration <= timeoutMax else {
            throw ValueError(
                "\(ValueError.quote(text)) is longer than a year; "
                    + "write at most \"8760h\", or remove the key for no bound"
            )
        }
        return duration
    }

    /// A mesh identity.
    static func identity(_ text: String) throws(ValueError) -> String {
        try IdentityName.validate(text)
        return text
    }

    /// The path of a file, seen from the folder of the configuration.
    static func path(_ text: String, in folder: String) throws(ValueError) -> String {
        guard !text.isEmpty else { throw ValueError("empty; write the path of a PEM file") }
        guard !text.utf8.contains(0) else {
            throw ValueError("\(ValueError.quote(text)) holds a NUL, which no path may")
        }
        let isAbsolute = text.utf8.first == UInt8(ascii: "/") || folder.isEmpty
        let slash = folder.utf8.last == UInt8(ascii: "/") ? "" : "/"
        let path = isAbsolute ? text : folder + slash + text
        guard path.utf8.count <= pathBytesMax else {
            throw ValueError(
                "\(ValueError.quote(text)) makes a path of \(path.utf8.count) bytes; "
                    + "Linux takes at most \(pathBytesMax)"
            )
        }
        return path
    }
}
