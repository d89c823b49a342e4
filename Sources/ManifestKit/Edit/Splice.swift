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

    /// Without the line break that the new bytes end with.
    fileprivate var withoutFinalBreak: Splice {
        var bytes = replacement
        if bytes.last == .lineFeed { bytes.removeLast() }
        if bytes.last == .carriageReturn { bytes.removeLast() }
        return Splice(range, bytes: bytes)
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

extension [Splice] {
    /// Where the last lines of a source without a final line break go, the text before them must
    /// end without one as well, `unless` its break is needed; the splices are in order.
    mutating func keepMissingFinalBreak(
        of source: SourceText,
        unless needsBreak: (Int) -> Bool
    ) {
        let count = source.bytes.count
        guard source.breakCount(before: count) == 0, let last, last.replacement.isEmpty,
            last.range.upperBound == count, !last.range.isEmpty
        else { return }
        var index = endIndex - 1
        while true {
            let start = self[index].range.lowerBound
            guard index > startIndex, self[index - 1].range.upperBound == start else {
                let gap = needsBreak(start) ? 0 : source.breakCount(before: start)
                self[index] = Splice(
                    start - gap..<self[index].range.upperBound,
                    bytes: self[index].replacement
                )
                return
            }
            index -= 1
            guard self[index].replacement.isEmpty else {
                self[index] = self[index].withoutFinalBreak
                return
            }
        }
    }
}
