// SPDX-License-Identifier: Apache-2.0

internal import CURing
internal import Glibc

/// io_uring(7) for one thread: bytes of sockets in and out by one system call a turn.
///
/// It belongs to the thread that made it. Whoever closes a descriptor asks `RingSocket.leave` to
/// take back what was asked for it, since the kernel looks descriptors up only when it is told.
@safe final class Ring {
    /// What a completion is about.
    enum Completion {
        /// The poller has events.
        case poller
        case received(SocketToken, Received)
        /// What was to be sent is sent, or an error.
        case sent(SocketToken, Errno?)
        case nothing
    }

    /// What a receive came to.
    struct Received {
        /// Bytes; 0 for the end, -errno for an error.
        var result: Int32
        /// The buffer that they are in; the receiver gives it back.
        var buffer: Int?
        /// Whether the socket has more, or its end, to be read at once.
        var hasMore: Bool

        /// Whether the socket is; where the buffers are out, it is only to be read by recv(2).
        var isBroken: Bool { result < 0 && result != -ENOBUFS }
    }

    /// LIMIT: 4 KiB a receive and a queued send: most heads fit, and with what is longer the
    /// system call is no more than a part of the work.
    static let bufferBytes = 4096
    /// LIMIT: buffers that one thread has for receives: more that come in one turn are read by
    /// recv(2).
    private static let buffersMax: UInt32 = 128
    /// LIMIT: sends of one thread under way; more, and those that peers do not take, by send(2).
    private static let sendsMax = 256
    /// LIMIT: requests that wait to be made known; then they are, before the turn ends.
    private static let requestsMax: UInt32 = 256

    /// Fewer completions in a turn leave the sends to send(2): one is done as soon as it is asked
    /// for, and ends no wait.
    private static let busyMin: UInt32 = 4
    /// Whether sends are put together, this turn; `wait` sets it.
    var isBusy = false

    private enum Kind: UInt64 {
        case poller, receive, send, cancel
    }

    // SAFETY: made in init, ended in deinit, used by one thread.
    private let ring: UnsafeMutablePointer<io_uring>
    private let queue: UnsafeMutablePointer<io_uring_buf_ring>
    private let buffers: UnsafeMutableRawPointer
    private let chunks: UnsafeMutableRawPointer
    private var freeChunks: [Int]
    private var senders: [SocketToken]
    private var sendCounts: [Int32]

    init() throws(Errno) {
        let made = UnsafeMutablePointer<io_uring>.allocate(capacity: 1)
        let result = unsafe cmesh_ring_open(made, Self.requestsMax, 16 * Self.requestsMax)
        guard result == 0 else {
            unsafe made.deallocate()
            throw Errno(code: -result)
        }
        guard let queue = unsafe cmesh_ring_add_buffers(made, Self.buffersMax) else {
            let error = Errno.current
            unsafe cmesh_ring_close(made, nil, 0)
            unsafe made.deallocate()
            throw error
        }
        unsafe ring = made
        unsafe self.queue = queue
        // Pages that are not used are not there.
        unsafe buffers = .allocate(
            byteCount: Int(Self.buffersMax) * Self.bufferBytes,
            alignment: Self.bufferBytes
        )
        unsafe chunks = .allocate(
            byteCount: Self.sendsMax * Self.bufferBytes,
            alignment: Self.bufferBytes
        )
        freeChunks = (0..<Self.sendsMax).reversed()
        senders = [SocketToken](repeating: SocketToken(-1, 0), count: Self.sendsMax)
        sendCounts = [Int32](repeating: 0, count: Self.sendsMax)
        // Each is used in its turn: what they take is taken now, and not under load.
        unsafe memset(buffers, 0, Int(Self.buffersMax) * Self.bufferBytes)
        for index in 0..<Int(Self.buffersMax) { giveBack(index) }
    }

    deinit {
        unsafe cmesh_ring_close(ring, queue, Self.buffersMax)
        unsafe ring.deallocate()
        unsafe buffers.deallocate()
        unsafe chunks.deallocate()
    }

    // MARK: Requests

    /// Has `.poller` come once the descriptor is readable.
    func poll(_ descriptor: Int32) {
        _ = unsafe cmesh_ring_poll(ring, descriptor, Kind.poller.rawValue)
    }

    /// Asks for what the socket will have to read; false when that is not to be had.
    func receive(_ token: SocketToken) -> Bool {
        unsafe cmesh_ring_receive(ring, token.descriptor, Self.tag(token, .receive))
    }

    /// Copies bytes and has them sent at the end of the turn; false when that is not to be had.
    func send(_ bytes: UnsafeRawBufferPointer, to token: SocketToken) -> Bool {
        guard isBusy, bytes.count <= Self.bufferBytes, let index = freeChunks.popLast() else {
            return false
        }
        let chunk = unsafe chunks + index * Self.bufferBytes
        // SAFETY: the chunk holds as many bytes, and nobody else has it until the kernel is done.
        unsafe UnsafeMutableRawBufferPointer(start: chunk, count: bytes.count)
            .copyMemory(from: bytes)
        let tag = UInt64(index) << 4 | Kind.send.rawValue
        guard unsafe cmesh_ring_send(ring, token.descriptor, chunk, bytes.count, tag) else {
            freeChunks.append(index)
            return false
        }
        senders[index] = token
        sendCounts[index] = Int32(bytes.count)
        return true
    }

    /// Sends what waits to be sent, and takes back what is still to be done for a socket.
    func cancel(_ token: SocketToken) {
        unsafe cmesh_ring_cancel(ring, token.descriptor, Kind.cancel.rawValue)
    }

    /// A tag of 28 bits of descriptor, which the kernel's own bound is below, and the generation.
    private static func tag(_ token: SocketToken, _ kind: Kind) -> UInt64 {
        UInt64(token.generation) << 32 | UInt64(token.descriptor) << 4 | kind.rawValue
    }

    // MARK: Buffers

    /// Copies bytes of a received buffer out.
    func copy(
        _ buffer: Int,
        _ range: Range<Int>,
        to destination: UnsafeMutableRawBufferPointer
    ) {
        precondition(range.upperBound <= Self.bufferBytes && buffer < Int(Self.buffersMax))
        let start = unsafe buffers + buffer * Self.bufferBytes + range.lowerBound
        unsafe destination.copyMemory(from: .init(start: start, count: range.count))
    }

    func giveBack(_ buffer: Int) {
        unsafe cmesh_ring_offer(
            queue,
            Self.buffersMax,
            buffers + buffer * Self.bufferBytes,
            UInt32(Self.bufferBytes),
            UInt16(buffer)
        )
    }

    // MARK: Completions

    /// Makes the requests known and waits for a completion, at most so long; nil waits for ever.
    func wait(nanos: Int64?) {
        unsafe cmesh_ring_wait(ring, nanos ?? -1)
        isBusy = unsafe io_uring_cq_ready(ring) >= Self.busyMin
    }

    /// The next completion; nil when there is none.
    func next() -> Completion? {
        var next = cmesh_completion()
        guard unsafe cmesh_ring_next(ring, &next) else { return nil }
        switch Kind(rawValue: next.tag & 0xF) {
        case .poller: return .poller
        case .receive:
            let token = SocketToken(
                Int32(truncatingIfNeeded: next.tag >> 4 & 0xFFF_FFFF),
                UInt32(truncatingIfNeeded: next.tag >> 32)
            )
            let buffer = next.buffer >= 0 ? Int(next.buffer) : nil
            return .received(
                token,
                Received(result: next.result, buffer: buffer, hasMore: next.has_more)
            )
        case .send:
            let index = Int(next.tag >> 4)
            freeChunks.append(index)
            let isWhole = next.result == sendCounts[index]
            // A send that ends early has met an error, which the next one would get to see.
            let error = isWhole ? nil : Errno(code: next.result < 0 ? -next.result : EPIPE)
            return .sent(senders[index], error)
        case .cancel, nil: return .nothing
        }
    }

    /// Whether a receive has been completed that `next` has not told of yet.
    func hasNews(of token: SocketToken) -> Bool {
        unsafe cmesh_ring_holds(ring, Self.tag(token, .receive))
    }
}
