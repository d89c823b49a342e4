// SPDX-License-Identifier: Apache-2.0

/// A request to the admin port: what of HTTP/1 it needs.
struct AdminRequest: Equatable {
    let method: String
    /// Without its query.
    let path: String
    /// What follows the question mark; nil without one.
    let query: String?
    /// Whether the client takes a compressed answer (RFC 9110 section 12.5.3).
    var acceptsGzip = false
    /// The value of Accept; nil without one.
    var accept: String?
    /// How many bytes of a body follow.
    var bodyLength = 0
    var body: [UInt8] = []

    /// LIMIT: bytes of a body; a log filter with a directive for each module has some hundred.
    static let bodyBytesMax = 4 << 10

    /// The end of the head, past its empty line.
    static func headEnd(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0A && bytes[index - 1] == 0x0D && bytes[index - 2] == 0x0A {
            return index + 1
        }
        return nil
    }

    /// Reads a head (RFC 9112 section 3).
    ///
    /// - Throws: the answer to one that is not understood; one that could be understood in two ways
    ///   is none of those that are.
    init(parsing head: ArraySlice<UInt8>) throws(AdminResponse) {
        let lines = head.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }
        let words = lines.first?.split(separator: 0x20, omittingEmptySubsequences: false) ?? []
        guard words.count == 3, words[2].starts(with: "HTTP/1.".utf8), words[1].first == 0x2F else {
            throw .badRequest
        }
        method = String(decoding: words[0], as: UTF8.self)
        let target = words[1].split(
            separator: 0x3F,
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        path = String(decoding: target[0], as: UTF8.self)
        query = target.count > 1 ? String(decoding: target[1], as: UTF8.self) : nil
        for line in lines.dropFirst() where !line.isEmpty { try take(line) }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) throws(AdminResponse) {
        guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else {
            throw .badRequest
        }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let bytes = line[(colon + 1)...].drop(while: isBlank)
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? bytes.startIndex
        let value = bytes[bytes.startIndex..<end]
        switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
        case "content-length":
            let digits = value.prefix(6)
            guard bodyLength == 0, !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else {
                throw .badRequest
            }
            bodyLength = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard value.count <= 5, bodyLength <= Self.bodyBytesMax else {
                throw AdminResponse(status: 413, body: "the body is too long\n")
            }
        case "transfer-encoding":
            throw AdminResponse(status: 411, body: "a body needs a content-length here\n")
        case "accept-encoding":
            acceptsGzip = Self.asksForGzip(String(decoding: value, as: UTF8.self).lowercased())
        case "accept": accept = String(decoding: value, as: UTF8.self)
        default: break
        }
    }

    /// Whether gzip is among the codings, and not with a weight of zero.
    private static func asksForGzip(_ codings: String) -> Bool {
        codings.split(separator: ",").contains { coding in
            let words = coding.filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            guard words.first == "gzip" else { return false }
            return !words.dropFirst().contains { word in
                word.hasPrefix("q=") && word.dropFirst(2).allSatisfy { $0 == "0" || $0 == "." }
            }
        }
    }

    /// Whether an answer in JSON is welcome (RFC 9110 section 12.5.1).
    var acceptsJSON: Bool {
        guard let accept else { return true }
        return accept.split(separator: ",").contains { range in
            let parts = range.lowercased().split(separator: ";").map { part in
                String(part.filter { $0 != " " && $0 != "\t" })
            }
            guard let type = parts.first else { return false }
            let isRefused = parts.dropFirst().contains { part in
                ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(part)
            }
            return ["*/*", "application/*", "application/json"].contains(type) && !isRefused
        }
    }
}
