// SPDX-License-Identifier: Apache-2.0

extension Splice {
    /// A stretch of a text that was made by splices: bytes of the source, or new ones.
    private enum Piece {
        case source(Range<Int>)
        case new(ArraySlice<UInt8>)

        var count: Int {
            switch self {
            case .source(let range): range.count
            case .new(let bytes): bytes.count
            }
        }

        func cut(_ range: Range<Int>) -> Piece {
            switch self {
            case .source(let source):
                .source(source.lowerBound + range.lowerBound..<source.lowerBound + range.upperBound)
            case .new(let bytes):
                .new(
                    bytes[bytes.startIndex + range.lowerBound..<bytes.startIndex + range.upperBound]
                )
            }
        }
    }

    /// The splices that do in one step what `first` and then `second` do; bytes that went and came
    /// back unchanged are left out.
    public static func composing(
        _ first: [Splice],
        _ second: [Splice],
        on source: [UInt8]
    ) -> [Splice] {
        let middle = pieces(first, count: source.count)
        return splices(of: spliced(middle, by: second), source)
    }

    private static func pieces(_ splices: [Splice], count: Int) -> [Piece] {
        var pieces: [Piece] = []
        var offset = 0
        for splice in splices {
            pieces.append(.source(offset..<splice.range.lowerBound))
            pieces.append(.new(splice.replacement[...]))
            offset = splice.range.upperBound
        }
        pieces.append(.source(offset..<count))
        return pieces.filter { $0.count > 0 }
    }

    private static func spliced(_ middle: [Piece], by splices: [Splice]) -> [Piece] {
        var result: [Piece] = []
        var rest = middle[...]
        var offset = 0
        /// Takes pieces up to an offset of the middle text.
        func take(until end: Int, keep: Bool) {
            while offset < end, let piece = rest.first {
                let length = min(piece.count, end - offset)
                if keep { result.append(piece.cut(0..<length)) }
                offset += length
                if length < piece.count {
                    rest[rest.startIndex] = piece.cut(length..<piece.count)
                } else {
                    rest.removeFirst()
                }
            }
        }
        for splice in splices {
            take(until: splice.range.lowerBound, keep: true)
            take(until: splice.range.upperBound, keep: false)
            if !splice.replacement.isEmpty { result.append(.new(splice.replacement[...])) }
        }
        return result + rest
    }

    private static func splices(of pieces: [Piece], _ source: [UInt8]) -> [Splice] {
        var result: [Splice] = []
        var offset = 0
        var new: [UInt8] = []
        func flush(until end: Int) {
            if let splice = Splice(offset..<end, bytes: new).trimmed(on: source) {
                result.append(splice)
            }
            new = []
        }
        for piece in pieces {
            switch piece {
            case .new(let bytes): new += bytes
            case .source(let range):
                flush(until: range.lowerBound)
                offset = range.upperBound
            }
        }
        flush(until: source.count)
        return result
    }

    /// Without the bytes at both ends that stay the same; nil when all do.
    private func trimmed(on source: [UInt8]) -> Splice? {
        let old = source[range]
        let prefix = zip(old, replacement).prefix { $0 == $1 }.count
        let left = min(old.count, replacement.count) - prefix
        let suffix = zip(old.reversed(), replacement.reversed()).prefix(left).prefix { $0 == $1 }
            .count
        guard prefix + suffix < old.count || prefix + suffix < replacement.count else { return nil }
        return Splice(
            range.lowerBound + prefix..<range.upperBound - suffix,
            bytes: Array(replacement[prefix..<replacement.count - suffix])
        )
    }
}
