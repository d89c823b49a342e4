// SPDX-License-Identifier: Apache-2.0

/// The handshakes that clients have begun with one thread, oldest first.
///
/// A ClientHello of 300 bytes makes us hold some 42 KiB, and its sender may say nothing more. Of
/// too many, those that take long give way; all at once may be a thousand honest clients that come
/// back together, and these are done in a second or two.
final class Handshakes {
    private let reactor: Reactor
    private var begun: [(token: SocketToken, atNanos: UInt64)] = []
    private var count = 0

    /// LIMIT: handshakes at a time, 43 MiB; above, each that begins ends one that takes long.
    private static let patientCountMax = 1024
    /// LIMIT: two seconds take long; a handshake has one round trip.
    private static let patienceNanos: UInt64 = 2_000_000_000
    /// LIMIT: handshakes at a time, 168 MiB, however young they are.
    private static let countMax = 4096

    init(_ reactor: Reactor) { self.reactor = reactor }

    /// Takes note of one, and ends the oldest where there are too many.
    func begin(_ token: SocketToken) {
        // Those that are over leave their tokens behind.
        if begun.count >= 2 * Self.countMax { begun.removeAll { connection($0.token) == nil } }
        begun.append((token, reactor.nowNanos))
        count += 1
        guard count > Self.patientCountMax else { return }
        for (index, one) in begun.enumerated() {
            guard let oldest = connection(one.token) else { continue }
            let isYoung = reactor.nowNanos - one.atNanos < Self.patienceNanos
            begun.removeFirst(isYoung && count <= Self.countMax ? index : index + 1)
            if !isYoung || count > Self.countMax { oldest.giveWay() }
            return
        }
    }

    /// Takes note that one is over, one way or the other.
    func end() { count -= 1 }

    private func connection(_ token: SocketToken) -> InboundConnection? {
        guard let found = reactor.owner(of: token) as? InboundConnection, found.isShakingHands
        else { return nil }
        return found
    }
}
