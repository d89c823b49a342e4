// SPDX-License-Identifier: Apache-2.0

/// A node to be written: what an edit inserts and what a new document is made of.
public indirect enum NewNode: Equatable, Sendable {
    /// Quoted when YAML 1.1 or 1.2 would misread it.
    case string(String)
    /// A whole number.
    case integer(Int)
    /// `true` or `false`.
    case boolean(Bool)
    /// Entries in the given order.
    case mapping([NewEntry])
    /// Items in the given order.
    case sequence([NewNode])

    var isEmptyCollection: Bool {
        switch self {
        case .mapping(let entries): entries.isEmpty
        case .sequence(let items): items.isEmpty
        case .string, .integer, .boolean: false
        }
    }
}

/// A key and a value to be written.
public struct NewEntry: Equatable, Sendable {
    /// The key, quoted when written if it must be.
    public let key: String
    /// The value.
    public let value: NewNode

    /// Makes an entry.
    public init(_ key: String, _ value: NewNode) {
        self.key = key
        self.value = value
    }
}
