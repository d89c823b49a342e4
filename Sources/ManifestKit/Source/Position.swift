// SPDX-License-Identifier: Apache-2.0

/// A place in a source as editors count: both numbers from 1, columns in code points.
public struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Line number, from 1.
    public let line: Int
    /// Column in Unicode code points, from 1.
    public let column: Int

    /// Makes a position from a line and a column, both counted from 1.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// `line:column`.
    public var description: String { "\(line):\(column)" }

    /// Source order.
    public static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
