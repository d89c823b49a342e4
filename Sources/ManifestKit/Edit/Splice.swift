// SPDX-License-Identifier: Apache-2.0

/// Bytes to put in the place of a range of the source; an empty range is an insertion.
public struct Splice: Equatable, Sendable {
    /// The bytes of the source that go.
    public let range: Range<Int>
    /// The bytes that come in their place.
    public let replacement: [UInt8]

    init(_ range: Range<Int>, _ replacement: String = "") {
        self.range = range
        self.replacement = Array(replacement.utf8)
    }

    init(_ range: Range<Int>, bytes: [UInt8]) {
        self.range = range
        self.replacement = bytes
    }

    /// The source with all splices carried out.
    ///
    /// They are in order and do not overlap.
    static func apply(_ splices: [Splice], to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(splices.reduce(bytes.count) { $0 + $1.replacement.count })
        var offset = 0
        for splice in splices {
            result += bytes[offset..<splice.range.lowerBound]
            result += splice.replacement
            offset = splice.range.upperBound
        }
        result += bytes[offset...]
        return result
    }
}
