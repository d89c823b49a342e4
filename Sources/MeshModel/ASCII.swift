// SPDX-License-Identifier: Apache-2.0

/// The byte classes that the grammars here are written in.
extension UInt8 {
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }

    var isASCIILower: Bool { (0x61...0x7A).contains(self) }

    var isASCIIUpper: Bool { (0x41...0x5A).contains(self) }

    var isASCIIAlphanumeric: Bool { isASCIIDigit || isASCIILower || isASCIIUpper }

    /// Space, tab, carriage return or newline: what YAML block scalars leave around a value.
    var isASCIISpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }

    /// The value of a hexadecimal digit of either case, or nil.
    var hexDigitValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension UInt64 {
    /// The number that ASCII digits spell; nil for no digits, other bytes or a number above
    /// `limit`.
    ///
    /// Unlike `UInt64(String)` it takes no sign. Leading zeros are allowed and decimal, as in Go.
    init?(digits: some Collection<UInt8>, atMost limit: UInt64 = .max) {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard byte.isASCIIDigit else { return nil }
            let scaled = value.multipliedReportingOverflow(by: 10)
            let sum = scaled.partialValue.addingReportingOverflow(UInt64(byte - 0x30))
            guard !scaled.overflow, !sum.overflow, sum.partialValue <= limit else { return nil }
            value = sum.partialValue
        }
        self = value
    }
}

extension Substring.UTF8View {
    /// This view without ASCII space at either end.
    func trimmingASCIISpace() -> Substring.UTF8View {
        var view = drop(while: \.isASCIISpace)
        while let last = view.last, last.isASCIISpace { view.removeLast() }
        return view
    }
}
