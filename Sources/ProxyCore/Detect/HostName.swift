// SPDX-License-Identifier: Apache-2.0

/// The names of hosts that peers send: RFC 1123 section 2.1, with underscores allowed.
///
/// Underscores are in no standard for hosts but in many names in use; other TLS stacks take them.
enum HostName {
    /// LIMIT: 255 bytes on the wire of DNS (RFC 1035 section 2.3.4) are 253 of text.
    static let bytesMax = 253
    /// LIMIT: the same section's bound on a label.
    private static let labelBytesMax = 63

    /// Returns the name in lower case and without its trailing dot, or nil when it is none.
    ///
    /// IP addresses are none (RFC 6066 section 3), so the last label must hold a letter.
    static func normalized(_ bytes: [UInt8]) -> String? {
        let name = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes[...]
        guard isValid(name) else { return nil }
        return String(decoding: name.map(lowercased), as: UTF8.self)
    }

    /// Whether `name`, given without a trailing dot, can be a host's.
    static func isValid(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.count <= bytesMax else { return false }
        var labelByteCount = 0
        var hasNonDigit = false
        var last = UInt8(ascii: ".")
        for byte in name {
            if byte == UInt8(ascii: ".") {
                guard labelByteCount > 0, last != UInt8(ascii: "-") else { return false }
                labelByteCount = 0
                hasNonDigit = false
            } else {
                guard isLabelByte(byte), labelByteCount < labelBytesMax else { return false }
                guard labelByteCount > 0 || byte != UInt8(ascii: "-") else { return false }
                labelByteCount += 1
                hasNonDigit = hasNonDigit || !(0x30...0x39).contains(byte)
            }
            last = byte
        }
        return labelByteCount > 0 && last != UInt8(ascii: "-") && hasNonDigit
    }

    /// The letter in lower case; any other byte as it is.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
