// SPDX-License-Identifier: Apache-2.0

/// Where the records of one TLS session meet on their way from and to the socket: one system call
/// for several of them, instead of one for each.
///
/// Each thread has one, for whichever of its sessions is at work; between two calls of a session
/// it is empty.
final class TLSFlight {
    /// LIMIT: bytes that are received at once, of which each thread has one buffer: six records.
    static let receivedMax = 96 << 10
    /// The most that one record holds in the clear (RFC 8446 section 5.1).
    static let recordBytesMax = 16 << 10

    /// What was received and not yet taken by OpenSSL: `received[unread]`.
    var received = [UInt8](repeating: 0, count: TLSFlight.receivedMax)
    var unread = 0..<0
    /// LIMIT: bytes that are sent at once: what a read of the other side may have brought.
    static let unsentMax = 128 << 10
    /// Records that wait to be sent together.
    private(set) var unsent: [UInt8] = []

    /// Adds a record, or a part of one.
    ///
    /// - Returns: whether it is time to send them.
    func add(_ bytes: some Collection<UInt8>) -> Bool {
        if unsent.capacity == 0 { unsent.reserveCapacity(Self.unsentMax + 2 * Self.recordBytesMax) }
        unsent += bytes
        return unsent.count >= Self.unsentMax
    }

    func forgetSent() { unsent.removeAll(keepingCapacity: true) }
}
