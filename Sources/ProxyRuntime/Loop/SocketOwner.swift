// SPDX-License-Identifier: Apache-2.0

/// Whoever a reactor tells about sockets; it may own several.
///
/// It belongs to the reactor's thread for life.
class SocketOwner {
    /// When `deadlineReached` is wanted; nil for never; `Reactor.setDeadline` sets it.
    var deadlineNanos: UInt64?
    /// The earliest entry in the reactor's queue.
    var queuedNanos: UInt64?
    /// Whether another turn has been asked for; `Reactor.runAgain` sets it.
    var isQueued = false

    /// Something changed on a socket.
    func handle(_ events: SocketEvents, on token: SocketToken) {}

    /// The deadline has passed.
    func deadlineReached(nowNanos: UInt64) {}

    /// The process is going to end: take leave of peers, but cut nobody off.
    func drain() {}

    /// The process is about to end: let go of all sockets.
    func abandon() {}
}
