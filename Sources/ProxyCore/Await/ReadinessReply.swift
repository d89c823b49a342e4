// SPDX-License-Identifier: Apache-2.0

/// Reads an HTTP/1 answer as far as its status, which its first 13 bytes decide.
public struct ReadinessReply: Sendable {
    /// What the bytes so far say.
    public enum Verdict: Equatable, Sendable {
        /// More of them are wanted.
        case needsMore
        /// An answer with this status.
        case status(Int)
        /// Nothing that HTTP/1 allows.
        case notHTTP
    }

    /// What every answer starts with; `d` stands for a digit.
    private static let pattern = Array("HTTP/1.d ddd".utf8)

    private var seen = 0
    private var status = 0
    private var verdict = Verdict.needsMore

    /// Makes the reader of one answer.
    public init() {}

    /// Takes the next bytes; what comes after the status is not looked at.
    public mutating func received(_ bytes: some Sequence<UInt8>) -> Verdict {
        for byte in bytes {
            guard verdict == .needsMore else { break }
            take(byte)
        }
        return verdict
    }

    private mutating func take(_ byte: UInt8) {
        guard seen < Self.pattern.count else {
            let ends = [UInt8(ascii: " "), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
            verdict = ends.contains(byte) ? .status(status) : .notHTTP
            return
        }
        let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
        let wanted = Self.pattern[seen]
        guard wanted == UInt8(ascii: "d") ? digit.contains(byte) : byte == wanted else {
            verdict = .notHTTP
            return
        }
        // The version's digit is a digit too, and does not count.
        if seen > 8 { status = status * 10 + Int(byte - digit.lowerBound) }
        seen += 1
    }
}
