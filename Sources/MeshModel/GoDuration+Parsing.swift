// SPDX-License-Identifier: Apache-2.0

extension GoDuration {
    /// Reads exactly what Go's `time.ParseDuration` reads.
    ///
    /// That is an optional sign and one or more decimal numbers, each with a unit (ns, us or µs,
    /// ms, s, m, h), or a bare `0`.
    public init(parsing text: String) throws(ValueError) {
        var rest = text[...].utf8
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
        let isNegative = sign == UInt8(ascii: "-")
        if rest.elementsEqual("0".utf8) {
            self.init(nanoseconds: 0)
            return
        }
        guard !rest.isEmpty else { throw Self.malformed(text) }
        if let number = UInt64(digits: rest) { throw Self.unitless(text, number) }
        // As in Go the magnitude may reach 2^63, which only the negative side can hold.
        var magnitude: UInt64 = 0
        while !rest.isEmpty {
            let part = try Self.nextPart(&rest, of: text)
            // Two parts of 2^63 each do not fit; Go's sum wraps to 0 and passes as no time at all.
            let sum = magnitude.addingReportingOverflow(part)
            guard !sum.overflow, sum.partialValue <= 1 << 63 else { throw Self.tooLong(text) }
            magnitude = sum.partialValue
        }
        if isNegative {
            self.init(nanoseconds: Int64(truncatingIfNeeded: 0 &- magnitude))
        } else {
            guard let nanoseconds = Int64(exactly: magnitude) else { throw Self.tooLong(text) }
            self.init(nanoseconds: nanoseconds)
        }
    }

    /// Takes one number and its unit off `rest`; the result is below 2^63 nanoseconds and a unit.
    private static func nextPart(
        _ rest: inout Substring.UTF8View,
        of text: String
    ) throws(ValueError) -> UInt64 {
        let whole = rest.prefix(while: \.isASCIIDigit)
        rest = rest[whole.endIndex...]
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.prefix(while: \.isASCIIDigit)
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw malformed(text) }
        let unit = rest.prefix { !$0.isASCIIDigit && $0 != UInt8(ascii: ".") }
        rest = rest[unit.endIndex...]
        guard !unit.isEmpty else { throw malformed(text) }
        guard let scale = nanoseconds(inUnit: unit) else { throw unknownUnit(unit, of: text) }
        let number = whole.isEmpty ? 0 : UInt64(digits: whole, atMost: (1 << 63) / scale)
        guard let number else { throw tooLong(text) }
        return number * scale + nanoseconds(fraction: fraction, scale: scale)
    }

    private static func nanoseconds(inUnit unit: Substring.UTF8View) -> UInt64? {
        // LIMIT: the longest unit, µs, has three bytes.
        guard unit.count <= 3 else { return nil }
        switch String(Substring(unit)) {
        case "ns": return 1
        // MICRO SIGN and GREEK SMALL LETTER MU look alike, and Go takes both.
        case "us", "\u{B5}s", "\u{3BC}s": return 1_000
        case "ms": return 1_000_000
        case "s": return 1_000_000_000
        case "m": return 60_000_000_000
        case "h": return 3_600_000_000_000
        default: return nil
        }
    }

    /// Go's arithmetic to the last bit: digits past 2^63 are dropped, the product is a float.
    private static func nanoseconds(fraction: Substring.UTF8View, scale: UInt64) -> UInt64 {
        var value: UInt64 = 0
        var divisor = 1.0
        for byte in fraction {
            guard value <= UInt64(Int64.max) / 10 else { break }
            let next = value * 10 + UInt64(byte - 0x30)
            guard next <= 1 << 63 else { break }
            value = next
            divisor *= 10
        }
        return UInt64(Double(value) * (Double(scale) / divisor))
    }
}

extension GoDuration {
    private static func malformed(_ text: String) -> ValueError {
        ValueError(
            "\(ValueError.quote(text)) is not a duration; write one such as \"6s\" or \"1h30m\""
        )
    }

    /// A bare number is nearly always meant in milliseconds (`6000`), so both spellings are given.
    private static func unitless(_ text: String, _ number: UInt64) -> ValueError {
        let millis = "\(number)ms"
        let seconds = number % 1000 == 0 ? "\(number / 1000)s" : "\(number)s"
        return ValueError(
            "the duration \(ValueError.quote(text)) has no unit; "
                + "write \"\(millis)\" or \"\(seconds)\""
        )
    }

    private static func unknownUnit(_ unit: Substring.UTF8View, of text: String) -> ValueError {
        let isDay = "d".utf8.elementsEqual(unit) || "days".utf8.elementsEqual(unit)
        return ValueError(
            "\(ValueError.quote(text)) has the unknown unit \(ValueError.quote(unit)); "
                + "the units are ns, us, ms, s, m and h, "
                + (isDay ? "so one day is \"24h\"" : "as in \"6s\"")
        )
    }

    private static func tooLong(_ text: String) -> ValueError {
        ValueError(
            "the duration \(ValueError.quote(text)) is longer than 292 years; write \"24h\", say"
        )
    }
}
