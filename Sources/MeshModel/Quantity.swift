// SPDX-License-Identifier: Apache-2.0

/// An amount of a resource in the grammar of Kubernetes `resource.Quantity`: `100m`, `1.5Gi`,
/// `2e3`.
///
/// The value is exact, in billionths; no floating point is involved. Like Kubernetes, more than
/// nine decimal places are rounded away from zero. Two quantities are equal when their values
/// are, however they are written.
public struct Quantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How a quantity was written, which decides how it is printed.
    enum Format {
        case decimalSI, binarySI, decimalExponent
    }

    /// The value in billionths of the unit; its magnitude is at most 2^63 - 1 units.
    public let nanoUnits: Int128

    let format: Format

    init(nanoUnits: Int128, format: Format) {
        self.nanoUnits = nanoUnits
        self.format = format
    }

    static let nanosPerUnit: Int128 = 1_000_000_000

    /// The value in whole units, rounded up: `1100m` is 2, `-1100m` is -1.
    ///
    /// Linkerd turns a CPU quantity into a number of proxy threads this way (`ToWholeCPUCores`).
    public var ceilingWholeUnits: Int64 {
        let (whole, rest) = nanoUnits.quotientAndRemainder(dividingBy: Self.nanosPerUnit)
        return Int64(clamping: rest > 0 ? whole + 1 : whole)
    }

    /// Whether the value is below zero.
    public var isNegative: Bool { nanoUnits < 0 }

    /// The canonical text, as Kubernetes prints it: no fraction and the largest suffix that fits.
    public var description: String {
        guard nanoUnits != 0 else { return "0" }
        let (units, rest) = nanoUnits.quotientAndRemainder(dividingBy: Self.nanosPerUnit)
        // Below 1024, or with a fraction, a binary suffix could not say the value exactly.
        if format == .binarySI, rest == 0, units.magnitude >= 1024 {
            return Self.text(units, base: 1024, suffixes: ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
        }
        let suffixes =
            format == .decimalExponent
            ? ["e-9", "e-6", "e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"]
            : ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
        return Self.text(nanoUnits, base: 1000, suffixes: suffixes)
    }

    private static func text(_ value: Int128, base: Int128, suffixes: [String]) -> String {
        var value = value
        var index = 0
        while value % base == 0, index < suffixes.count - 1 {
            value /= base
            index += 1
        }
        return "\(value)\(suffixes[index])"
    }

    /// Whether the values are equal: `1Gi` is `1024Mi`.
    public static func == (left: Quantity, right: Quantity) -> Bool {
        left.nanoUnits == right.nanoUnits
    }

    /// Orders by value.
    public static func < (left: Quantity, right: Quantity) -> Bool {
        left.nanoUnits < right.nanoUnits
    }

    /// Hashes the value, not the spelling.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(nanoUnits)
    }
}
