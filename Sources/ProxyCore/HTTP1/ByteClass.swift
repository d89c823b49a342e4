// SPDX-License-Identifier: Apache-2.0

/// The classes of bytes that HTTP/1 tells apart, as bit sets: no table is read from memory.
enum ByteClass {
    /// tchar (RFC 9110 section 5.6.2).
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool { contains(tokenLow, tokenHigh, byte) }

    /// A byte of a request target: printable, and not `#`, which would begin a fragment.
    ///
    /// Bytes from 0x80 are in no URI, but clients send paths in UTF-8 and servers take them.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "#")
    }

    /// field-vchar, obs-text, SP and HTAB (RFC 9110 section 5.5).
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
    }

    /// A byte of a host that is a name or an IPv4 address (RFC 3986 section 3.2.2).
    @inline(__always)
    static func isName(_ byte: UInt8) -> Bool { contains(nameLow, nameHigh, byte) }

    /// SP or HTAB.
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The letter in lower case; other bytes may change too, so compare with letters only.
    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    @inline(__always)
    private static func contains(_ low: UInt64, _ high: UInt64, _ byte: UInt8) -> Bool {
        guard byte < 0x80 else { return false }
        let word = byte < 64 ? low : high
        return word >> UInt64(byte & 63) & 1 == 1
    }

    // `!#$%&'*+-.0123456789`, and from 64 letters and ^_`|~.
    private static var tokenLow: UInt64 { 0x03FF_6CFA_0000_0000 }
    private static var tokenHigh: UInt64 { 0x57FF_FFFF_C7FF_FFFE }
    // `!$%&'()*+-.0123456789;=`, and from 64 letters and _~. No comma: no host has one, and a list
    // of hosts would.
    private static var nameLow: UInt64 { 0x2BFF_6FF2_0000_0000 }
    private static var nameHigh: UInt64 { 0x47FF_FFFE_87FF_FFFE }
}
