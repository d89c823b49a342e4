// SPDX-License-Identifier: Apache-2.0

/// A comma-separated list of ports, ranges and, where allowed, names of container ports.
///
/// Items are kept in canonical order without repeats: ports by number (Linkerd sorts them as
/// text, its documentation says ascending), then names. Neighbouring ports are not joined, so
/// that `4567,4568` stays what the user and Linkerd's own defaults say.
public struct PortList: Hashable, Sendable, CustomStringConvertible {
    /// One entry of a list.
    public enum Item: Hashable, Comparable, Sendable, CustomStringConvertible {
        /// A port or a range.
        case range(PortRange)
        /// The name of a container port, still to be resolved against a pod.
        case name(String)

        /// The entry as it is written in a list.
        public var description: String {
            switch self {
            case .range(let range): range.description
            case .name(let name): name
            }
        }
    }

    /// The entries in canonical order, each once.
    public let items: [Item]

    /// Makes a list of ports and ranges.
    public init(_ ranges: [PortRange]) {
        self.init(ranges.map { Item.range($0) })
    }

    /// Makes a list of entries, sorting them and dropping repeats.
    public init(_ items: [Item]) {
        var kept: [Item] = []
        for item in items.sorted() where item != kept.last {
            kept.append(item)
        }
        self.items = kept
    }

    /// Reads a list; empty text is an empty list, one trailing comma and spaces are forgiven.
    public init(parsing text: String, allowsNames: Bool = false) throws(ValueError) {
        var items: [Item] = []
        for item in try CommaList.items(of: text, example: "25,587,8000-8010") {
            items.append(try Self.item(item, allowsNames: allowsNames))
        }
        self.init(items)
    }

    /// The ports and ranges, in numeric order.
    public var ranges: [PortRange] {
        items.compactMap { item in
            if case .range(let range) = item { range } else { nil }
        }
    }

    /// The names, in alphabetical order.
    public var names: [String] {
        items.compactMap { item in
            if case .name(let name) = item { name } else { nil }
        }
    }

    /// Whether the list has no entry.
    public var isEmpty: Bool { items.isEmpty }

    /// Whether a port or range of the list holds `port`; names are not resolved.
    public func contains(_ port: UInt16) -> Bool {
        ranges.contains { $0.contains(port) }
    }

    /// The canonical text: `25,587,8000-8010,postgres`.
    public var description: String {
        items.map(\.description).joined(separator: ",")
    }

    /// A name needs a letter and a range has none, so the two cannot be mistaken for each other.
    private static func item(
        _ text: Substring.UTF8View,
        allowsNames: Bool
    ) throws(ValueError) -> Item {
        guard text.contains(where: { !$0.isASCIIDigit && $0 != UInt8(ascii: "-") }) else {
            return .range(try PortRange(parsing: text))
        }
        let isName = KubernetesName.isPortName(text)
        if allowsNames, isName { return .name(String(Substring(text))) }
        if isName {
            throw ValueError(
                "\(ValueError.quote(text)) is a port name, but only numbers are allowed here; "
                    + "write a port or range such as \"8080\" or \"8000-8010\""
            )
        }
        throw ValueError(
            "\(ValueError.quote(text)) is not a port, a range of ports"
                + "\(allowsNames ? " or a port name" : ""); "
                + "write \"8080\"\(allowsNames ? ", \"http\"" : "") or \"8000-8010\""
        )
    }
}
