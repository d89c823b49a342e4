// SPDX-License-Identifier: Apache-2.0

/// The bounds on what a peer may send as HTTP/1; none can be changed yet.
public enum HTTP1Limits {
    /// LIMIT: bytes of a whole head: one read buffer; cookies of a dozen applications fit.
    public static let headBytesMax = 64 << 10
    /// LIMIT: bytes of a request target; RFC 9112 section 3 wants 8,000 at least, and browsers end
    /// between 32 KiB and 2 MiB.
    public static let targetBytesMax = 32 << 10
    /// LIMIT: bytes of a method; the longest registered one, UPDATEREDIRECTREF, has 17.
    public static let methodBytesMax = 32
    /// LIMIT: fields of a head; more than twice what the largest heads of real traffic have.
    public static let fieldsMax = 256
    /// LIMIT: bytes of all Connection fields of a head, since they are read once for each other
    /// field; real ones name up to four.
    public static let connectionBytesMax = 1024
    /// LIMIT: bytes of the line that gives a chunk's size: 16 digits, and room for extensions.
    public static let chunkLineBytesMax = 4 << 10
    /// LIMIT: bytes of all trailers of a body; they are checksums and gRPC statuses.
    public static let trailerBytesMax = 16 << 10
    /// LIMIT: bytes of a request, its head among them, that are kept to be sent again: 64 KiB, as
    /// Linkerd has it.
    public static let repeatBytesMax = 64 << 10
    /// LIMIT: of them the body's, where it must be known at the start that they will fit.
    public static let repeatBodyBytesMax: UInt64 = 16 << 10
    /// LIMIT: interim responses (1xx) to one request; a server that sends more never answers.
    public static let interimResponsesMax = 32
}
