// SPDX-License-Identifier: Apache-2.0

/// The type of an annotation's value: what may be written, and how equal values are told.
public enum AnnotationType: Hashable, Sendable {
    /// One of a closed list of words.
    case word([String])
    /// A boolean in Go's spellings.
    case boolean
    /// A length of time in Go's spelling, not negative.
    case duration
    /// An amount of a resource, not negative.
    case quantity
    /// A port to listen on.
    case port
    /// Ports and ranges; names of container ports where allowed.
    case portList(allowsNames: Bool)
    /// Ranges of IP addresses.
    case cidrList
    /// A user number.
    case userID
    /// A group number, or -1.
    case groupID
    /// A share of the node's cores.
    case coreRatio
    /// A whole number from 0.
    case wholeNumber
    /// A filter of log lines.
    case logFilter
    /// An image name.
    case image
    /// A tag, with or without a digest.
    case imageVersion
    /// A JSON list of environment variables; its JSON is read where a JSON reader is.
    case environmentList
    /// A retry budget in JSON; its JSON is read where a JSON reader is.
    case retryBudget

    /// The canonical text of a value: two values mean the same if these are the same.
    ///
    /// - Throws: what is wrong with the value. `environmentList` and `retryBudget` are passed
    ///   through: reading JSON is not this module's work.
    public func canonical(_ text: String) throws(ValueError) -> String {
        switch self {
        case .word(let words):
            try Choice.check(text, in: words)
            return text
        case .boolean: return try GoBool(parsing: text).description
        case .duration: return try Self.duration(text)
        case .quantity: return try Self.quantity(text)
        case .port: return try PortNumber(parsing: text).description
        case .portList(let allowsNames):
            return try PortList(parsing: text, allowsNames: allowsNames).description
        case .cidrList: return try CIDRList(parsing: text).description
        case .userID: return try UserID(parsing: text).description
        case .groupID: return try GroupID(parsing: text).description
        case .coreRatio: return try CoreRatio(parsing: text).description
        case .wholeNumber: return try Self.wholeNumber(text)
        case .logFilter: return try LogFilter(parsing: text).description
        case .image: return try ContainerImage(parsing: text).description
        case .imageVersion: return try ImageVersion(parsing: text).description
        case .environmentList, .retryBudget: return text
        }
    }

    private static func duration(_ text: String) throws(ValueError) -> String {
        let duration = try GoDuration(parsing: text)
        guard duration.nanoseconds >= 0 else {
            throw ValueError("\(ValueError.quote(text)) is negative; write \"0s\" or more")
        }
        return duration.description
    }

    private static func quantity(_ text: String) throws(ValueError) -> String {
        let quantity = try Quantity(parsing: text)
        guard !quantity.isNegative else {
            throw ValueError("\(ValueError.quote(text)) is negative; write \"0\" or more")
        }
        return quantity.description
    }

    private static func wholeNumber(_ text: String) throws(ValueError) -> String {
        guard let number = UInt64(digits: text.utf8) else {
            throw ValueError(
                "\(ValueError.quote(text)) is not a whole number; "
                    + "write \"0\" or more, such as \"5\""
            )
        }
        return String(number)
    }
}
