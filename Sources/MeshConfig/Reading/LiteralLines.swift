// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Finds the lines of a text in the manifest that holds it.
///
/// Only a literal block (`|`) has its lines as they are. Each line is compared before it is
/// trusted, so a place is exact or is not given.
struct LiteralLines {
    private let position: Position
    /// The value's lines, and the manifest's from the one after the `|` on.
    private let inner: [ArraySlice<UInt8>]
    private let outer: [ArraySlice<UInt8>]

    init(of node: NodeID, in manifest: Manifest) {
        position = manifest.position(of: node)
        guard manifest.style(of: node) == .literal else {
            (inner, outer) = ([], [])
            return
        }
        inner = Self.lines(of: manifest.valueBytes(of: node))
        let start = manifest.span(of: node).lowerBound
        outer = Array(Self.lines(of: manifest.source.bytes[start...]).dropFirst())
    }

    /// The error, with its place in the manifest instead of the text.
    func relocated(_ error: ManifestError) -> ManifestError {
        guard let place = error.position else { return moved(error, error.message, position) }
        if let column = shift(ofLine: place.line) {
            let line = position.line + place.line
            let exact = Position(line: line, column: place.column + column)
            return moved(error, error.message, exact)
        }
        let line = "line \(place.line), column \(place.column) of the text"
        return moved(error, "\(error.message) (\(line))", position)
    }

    private func moved(
        _ error: ManifestError,
        _ message: String,
        _ place: Position
    ) -> ManifestError {
        ManifestError(error.code, message, hint: error.hint, file: error.file, position: place)
    }

    /// How far the manifest indents a line of the text; nil if it is not there as it is.
    private func shift(ofLine line: Int) -> Int? {
        guard line <= inner.count, line <= outer.count else { return nil }
        let (text, indented) = (inner[line - 1], outer[line - 1])
        let count = indented.count - text.count
        guard count > 0, indented.suffix(text.count) == text,
            indented.prefix(count).allSatisfy({ $0 == UInt8(ascii: " ") })
        else { return nil }
        return count
    }

    private static func lines(of bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
    }
}
