// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Names one socket of a reactor: a descriptor, and how often it has been reused.
///
/// A stale event for an old connection can thus never reach a new one with the same descriptor.
struct SocketToken: Hashable {
    let descriptor: Int32
    let generation: UInt32

    init(_ descriptor: Int32, _ generation: UInt32) {
        self.descriptor = descriptor
        self.generation = generation
    }

    fileprivate init(word: UInt64) {
        descriptor = Int32(bitPattern: UInt32(truncatingIfNeeded: word))
        generation = UInt32(truncatingIfNeeded: word >> 32)
    }

    fileprivate var word: UInt64 {
        UInt64(UInt32(bitPattern: descriptor)) | UInt64(generation) << 32
    }
}

/// What the kernel says of a socket.
struct SocketEvents: OptionSet {
    let rawValue: UInt8
    /// There are bytes, an end or an error to read.
    static let readable = SocketEvents(rawValue: 1)
    /// There is room to write.
    static let writable = SocketEvents(rawValue: 2)
    /// The peer is gone, or the socket is broken.
    static let hungUp = SocketEvents(rawValue: 4)
    /// The peer will send no more than what is there to read.
    static let ended = SocketEvents(rawValue: 8)
}

/// epoll(7), edge-triggered for connections, level-triggered for listeners.
@safe final class Poller {
    let descriptor: Int32
    // SAFETY: epoll_event holds a word of ours where it could hold a pointer.
    private var events: [epoll_event]

    init() throws(Errno) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw Errno.current }
        // LIMIT: 256 events a turn; more wait for the next.
        unsafe events = [epoll_event](repeating: epoll_event(), count: 256)
    }

    deinit { SystemCalls.close(descriptor) }

    /// Watches a connection for everything, once for each change.
    func addConnection(_ token: SocketToken) throws(Errno) {
        let flags = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        try control(EPOLL_CTL_ADD, token, flags)
    }

    /// Watches it for room to write and its end alone: a ring receives its bytes.
    func leaveBytes(of token: SocketToken) {
        try? control(
            EPOLL_CTL_MOD,
            token,
            EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        )
    }

    /// Watches it for everything again.
    func takeBytes(of token: SocketToken) {
        try? control(
            EPOLL_CTL_MOD,
            token,
            EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        )
    }

    /// Watches a listener, or another source of wake-ups, for as long as it is readable.
    func addSource(_ token: SocketToken) throws(Errno) {
        try control(EPOLL_CTL_ADD, token, EPOLLIN.rawValue)
    }

    /// Watches a socket that somebody else reads and closes, for as long as an event lasts.
    func add(_ token: SocketToken, for events: SocketEvents) throws(Errno) {
        try control(EPOLL_CTL_ADD, token, Self.flags(events))
    }

    /// Watches it for other events from now on.
    func change(_ token: SocketToken, to events: SocketEvents) {
        try? control(EPOLL_CTL_MOD, token, Self.flags(events))
    }

    private static func flags(_ events: SocketEvents) -> UInt32 {
        (events.contains(.readable) ? EPOLLIN.rawValue : 0)
            | (events.contains(.writable) ? EPOLLOUT.rawValue : 0)
    }

    func remove(_ token: SocketToken) { try? control(EPOLL_CTL_DEL, token, 0) }

    private func control(_ operation: Int32, _ token: SocketToken, _ flags: UInt32) throws(Errno) {
        var event = unsafe epoll_event()
        unsafe event.events = flags
        unsafe event.data.u64 = token.word
        // SAFETY: the kernel reads one epoll_event.
        guard unsafe epoll_ctl(descriptor, operation, token.descriptor, &event) == 0 else {
            throw Errno.current
        }
    }

    /// Waits for events, at most so long; nil waits for ever.
    ///
    /// - Returns: how many there are; `event(at:)` has each.
    func wait(millis: Int32?) -> Int {
        // SAFETY: the kernel writes at most as many events as the array holds.
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            unsafe epoll_wait(descriptor, buffer.baseAddress, Int32(buffer.count), millis ?? -1)
        }
        return max(Int(count), 0)
    }

    /// One event of the last wait.
    func event(at index: Int) -> (token: SocketToken, events: SocketEvents) {
        let event = unsafe events[index]
        return unsafe (SocketToken(word: event.data.u64), Self.events(event.events))
    }

    private static func events(_ flags: UInt32) -> SocketEvents {
        var events: SocketEvents = []
        let broken = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        if flags & (EPOLLIN.rawValue | broken) != 0 { events.insert(.readable) }
        if flags & broken != 0 { events.insert(.ended) }
        if flags & EPOLLOUT.rawValue != 0 { events.insert(.writable) }
        if flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { events.insert(.hungUp) }
        return events
    }
}
