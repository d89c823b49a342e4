// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// A length of time as the proxy's variables write it: a whole number and ms, s, m, h or d.
///
/// Only 0 may go without a unit. This is Linkerd's grammar, not Go's: `1m30s` and `1.5s` are none.
public struct ProxyDuration: Hashable, Sendable {
    /// The length in nanoseconds, at most 292 years.
    public let nanoseconds: UInt64

    private static let units: [(text: String, nanoseconds: UInt64)] = [
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        ("d", 86_400_000_000_000),
    ]

    /// Reads a duration; the error says how to write what was probably meant.
    public init(parsing text: String) throws(ValueError) {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let unit = String(text[digits.endIndex...])
        guard !digits.isEmpty, let scale = Self.units.first(where: { $0.text == unit }) else {
            guard !digits.isEmpty, digits.allSatisfy({ $0 == 0x30 }), unit.isEmpty else {
                throw Self.refusal(of: text, isBareNumber: !digits.isEmpty && unit.isEmpty)
            }
            nanoseconds = 0
            return
        }
        let number = UInt64(String(Substring(digits)))
        let product = number?.multipliedReportingOverflow(by: scale.nanoseconds)
        // LIMIT: half of the range, so that a time and a duration can be added.
        guard let product, !product.overflow, product.partialValue <= UInt64(Int64.max) else {
            throw ValueError(
                "\(ValueError.quote(text)) is longer than 292 years; write \"365d\", for instance"
            )
        }
        nanoseconds = product.partialValue
    }

    private static func refusal(of text: String, isBareNumber: Bool) -> ValueError {
        if isBareNumber {
            let start = "\(ValueError.quote(text)) has no unit; write "
            return ValueError(start + "\(ValueError.quote(text + "s")) for seconds, or ms, m, h, d")
        }
        var example = "10s"
        if let meant = try? GoDuration(parsing: text), meant.nanoseconds >= 1_000_000 {
            let isWhole = meant.nanoseconds.isMultiple(of: 1_000_000_000)
            example = isWhole ? "\(meant.wholeSeconds)s" : "\(meant.wholeMilliseconds)ms"
        }
        return ValueError(
            "\(ValueError.quote(text)) is not a duration; write a whole number and ms, s, m, h "
                + "or d, such as \"\(example)\""
        )
    }
}
