// SPDX-License-Identifier: Apache-2.0

/// Why a TLS connection was not made, or why identity files are not used.
struct TLSError: Error, Equatable, CustomStringConvertible {
    /// The kind, for counters and for tests.
    enum Kind: String, Equatable {
        /// The bytes were no TLS 1.3 that we speak.
        case protocolError = "protocol"
        /// The peer sends messages without data, one after the other.
        case flood
        /// The peer's certificate does not lead to a trust anchor.
        case untrusted
        /// The peer's certificate is not valid yet, or not any more.
        case outOfDate
        /// The peer has another identity than the one that was expected.
        case wrongIdentity
        /// The peer has no certificate, or one without a name.
        case noIdentity
        /// The files of our own identity.
        case identityFiles
    }

    let kind: Kind
    /// One line, without anything secret.
    let reason: String

    var description: String { reason }
}
