// SPDX-License-Identifier: Apache-2.0

extension Quantity {
    /// LIMIT: bytes of text; a hundred times what the range and precision can use.
    private static let textBytesMax = 4096

    /// Reads a signed decimal number and an optional suffix or exponent.
    ///
    /// Suffixes are n u m k M G T P E and Ki Mi Gi Ti Pi Ei; an exponent is `e` or `E` and a
    /// signed integer. Magnitudes above 2^63 - 1 are refused, where Kubernetes would cap them.
    public init(parsing text: String) throws(ValueError) {
        guard text.utf8.count <= Self.textBytesMax else { throw Self.malformed(text) }
        var rest = text[...].utf8
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = rest.prefix(while: \.isASCIIDigit)
        rest = rest[whole.endIndex...]
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: \.isASCIIDigit)
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw Self.malformed(text) }
        guard let multiplier = Multiplier(suffix: rest) else {
            throw Self.unknownSuffix(rest, of: text)
        }
        let digits = Digits(whole: whole, fraction: fraction, exponent: multiplier.exponent)
        guard let magnitude = digits.nanoUnits(times: multiplier.unit) else {
            throw ValueError(
                "\(ValueError.quote(text)) is more than 2^63 - 1, the largest quantity; "
                    + "write one such as \"1Gi\""
            )
        }
        let value = sign == UInt8(ascii: "-") ? -magnitude : magnitude
        self.init(nanoUnits: value, format: multiplier.format)
    }

    private static func malformed(_ text: String) -> ValueError {
        ValueError(
            "\(ValueError.quote(text)) is not a quantity; "
                + "write a number with an optional suffix, such as \"100m\" or \"64Mi\""
        )
    }

    /// The two slips that matter are the case of `k` and memory written as `MB`.
    private static func unknownSuffix(_ suffix: Substring.UTF8View, of text: String) -> ValueError {
        ValueError(
            "\(ValueError.quote(text)) has the unknown suffix \(ValueError.quote(suffix)); the "
                + "suffixes are n u m k M G T P E and Ki Mi Gi Ti Pi Ei, as in \"100m\" or \"64Mi\""
        )
    }
}

/// What the suffix of a quantity stands for.
private struct Multiplier {
    var format: Quantity.Format = .decimalSI
    /// The power of ten that moves the decimal point.
    var exponent: Int = 0
    /// The whole number to multiply by: 1 or a power of 1024.
    var unit: Int128 = 1

    init?(suffix: Substring.UTF8View) {
        // LIMIT: an exponent past this many digits is as good as this one; see `Digits`.
        let text = String(Substring(suffix.prefix(4)))
        switch suffix.count {
        case 0: return
        case 1: guard setDecimal(text) else { return nil }
        default: guard setBinary(text, suffix) || setExponent(suffix) else { return nil }
        }
    }

    private mutating func setDecimal(_ suffix: String) -> Bool {
        let exponents = [
            "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
        ]
        guard let power = exponents[suffix] else { return false }
        exponent = power
        return true
    }

    private mutating func setBinary(_ text: String, _ suffix: Substring.UTF8View) -> Bool {
        guard
            suffix.count == 2,
            let index = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(of: text)
        else { return false }
        format = .binarySI
        unit = 1 << (10 * (Int128(index) + 1))
        return true
    }

    private mutating func setExponent(_ suffix: Substring.UTF8View) -> Bool {
        var rest = suffix
        let letter = rest.removeFirst()
        guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { return false }
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
        guard !rest.isEmpty, rest.allSatisfy(\.isASCIIDigit) else { return false }
        // Far past the largest and the smallest value for any text within the length limit.
        let power = Int(UInt64(digits: rest, atMost: 1_000_000) ?? 1_000_000)
        exponent = sign == UInt8(ascii: "-") ? -power : power
        format = .decimalExponent
        return true
    }
}

/// A decimal number as its significant digits and the place of its point.
private struct Digits {
    /// The significant digits, first one not zero.
    let digits: [UInt8]
    /// How many digits stand before the point; negative for zeros after it.
    let point: Int

    init(whole: Substring.UTF8View, fraction: Substring.UTF8View, exponent: Int) {
        let all = (Array(whole) + Array(fraction)).map { $0 - 0x30 }
        let zeros = all.prefix { $0 == 0 }.count
        digits = Array(all.dropFirst(zeros))
        point = whole.count - zeros + exponent
    }

    /// The number times `unit` in billionths, rounded up; nil above 2^63 - 1 units.
    ///
    /// The fraction is taken from its last digit to its first, each step dividing by ten and
    /// rounding down. Rounding down commutes with that, so only "was anything lost" is kept.
    func nanoUnits(times unit: Int128) -> Int128? {
        guard !digits.isEmpty else { return 0 }
        // 2^63 has 19 digits, and below 10^-30 even an Ei is less than a billionth.
        guard point <= 19 else { return nil }
        guard point > -30 else { return 1 }
        let scale = unit * Quantity.nanosPerUnit
        var whole: Int128 = 0
        for place in 0..<max(0, point) {
            whole = whole * 10 + (place < digits.count ? Int128(digits[place]) : 0)
        }
        var part: Int128 = 0
        var isInexact = false
        let leadingZeros = [UInt8](repeating: 0, count: max(0, -point))
        for digit in (leadingZeros + digits.dropFirst(max(0, point))).reversed() {
            let (quotient, rest) = (Int128(digit) * scale + part).quotientAndRemainder(
                dividingBy: 10
            )
            part = quotient
            isInexact = isInexact || rest != 0
        }
        let product = whole.multipliedReportingOverflow(by: scale)
        let sum = product.partialValue.addingReportingOverflow(part + (isInexact ? 1 : 0))
        let limit = Int128(Int64.max) * Quantity.nanosPerUnit
        return product.overflow || sum.overflow || sum.partialValue > limit ? nil : sum.partialValue
    }
}
