// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// One socket's dealings with the ring: at most one receive and one send under way.
///
/// A receive is asked for only when all that came before has been taken, so that no more than one
/// buffer is read that nobody wants yet. While one is under way nobody else reads the socket, and
/// what is sent meanwhile waits with the sender: order is kept both ways.
@safe final class RingSocket {
    private let ring: Ring
    private let poller: Poller
    private let token: SocketToken
    private var isReceiving = false
    private(set) var isSending = false
    /// Whether somebody waits for the send under way to be done.
    private var isAwaited = false
    /// Whether it asks the ring for nothing more.
    private var isRetired = false
    /// Where received bytes are that nobody has taken: in a buffer of the ring's, for the length
    /// of one call of the owner's, then here.
    private var buffer: (index: Int, rest: Range<Int>)?
    private var kept: [UInt8] = []
    private var receiveError: Errno?
    private var sendError: Errno?
    /// Whether the socket itself is to be read once these are taken.
    private var hasMore = false

    init(_ ring: Ring, _ poller: Poller, _ token: SocketToken) {
        self.ring = ring
        self.poller = poller
        self.token = token
        poller.leaveBytes(of: token)
    }

    // MARK: Receiving

    /// Whether a read would find nothing, as far as anybody has been told.
    var isDrained: Bool {
        isReceiving || buffer == nil && kept.isEmpty && receiveError == nil && !hasMore
    }

    /// Asks for what comes next, now that everything has been taken.
    func awaitBytes() {
        guard !isReceiving, !isRetired, buffer == nil, kept.isEmpty else { return }
        isReceiving = ring.receive(token)
        // The kernel is out of memory; the poller tells of what is there already.
        if !isReceiving { retire() }
    }

    /// Hands out what has been received, from `start` to the buffer's end; nil when the socket
    /// itself is to be read.
    func take(into buffer: inout [UInt8], from start: Int = 0) -> IOResult? {
        // SAFETY: the slice checks its bounds.
        unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe take(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
    }

    func take(into bytes: UnsafeMutableRawBufferPointer) -> IOResult? {
        if let (index, rest) = buffer {
            let taken = rest.prefix(bytes.count)
            unsafe ring.copy(index, taken, to: bytes)
            buffer?.rest = rest.dropFirst(taken.count)
            if buffer?.rest.isEmpty == true { release() }
            return .bytes(taken.count)
        }
        if !kept.isEmpty {
            let count = min(kept.count, bytes.count)
            unsafe bytes.copyBytes(from: kept[..<count])
            kept = Array(kept[count...])
            return .bytes(count)
        }
        if let error = receiveError {
            receiveError = nil
            return .failed(error)
        }
        hasMore = false
        return isReceiving ? .wouldBlock : nil
    }

    /// Takes note of what has been received, before the owner is told.
    func received(_ received: Ring.Received) {
        isReceiving = false
        hasMore = received.hasMore || received.result <= 0 || isRetired
        if received.isBroken { receiveError = Errno(code: -received.result) }
        guard let index = received.buffer else { return }
        buffer = (index, 0..<Int(max(received.result, 0)))
        if received.result <= 0 { release() }
        if received.result == Int32(Ring.bufferBytes) { hasMore = true }
    }

    /// Keeps what the owner has not taken, and gives the buffer back.
    func settle() {
        guard let (index, rest) = buffer else { return }
        kept = [UInt8](repeating: 0, count: rest.count)
        unsafe kept.withUnsafeMutableBytes { unsafe ring.copy(index, rest, to: $0) }
        release()
    }

    private func release() {
        if let index = buffer?.index { ring.giveBack(index) }
        buffer = nil
    }

    /// Whether neither bytes, nor an end, nor an error has come.
    var isQuiet: Bool {
        isDrained && !ring.hasNews(of: token)
            && SystemCalls.isQuiet(token.descriptor)
    }

    /// What broke the socket, which it says but once.
    var brokenBy: Errno? { receiveError ?? SystemCalls.connectError(token.descriptor) }

    // MARK: Sending

    /// Whether there is something that its owner must hear of or wait for.
    var holdsOutput: Bool {
        if isSending { isAwaited = true }
        return isSending || sendError != nil
    }

    /// Has bytes sent; nil when the caller is to do so.
    func send(_ buffer: [UInt8], _ range: Range<Int>) -> IOResult? {
        // SAFETY: the slice checks its bounds.
        unsafe buffer[range].withUnsafeBytes { unsafe send($0) }
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> IOResult? {
        if isSending {
            isAwaited = true
            return .wouldBlock
        }
        if let error = sendError {
            sendError = nil
            return .failed(error)
        }
        guard !isRetired, unsafe ring.send(bytes, to: token) else { return nil }
        isSending = true
        return .bytes(bytes.count)
    }

    /// Takes note that the send is done.
    ///
    /// - Returns: whether the owner is to be told.
    func sent(_ error: Errno?) -> Bool {
        isSending = false
        sendError = error
        defer { isAwaited = false }
        return isAwaited || error != nil
    }

    // MARK: The end

    /// Takes back what is under way, for the descriptor to be closed.
    func leave() {
        if isReceiving || isSending { ring.cancel(token) }
    }

    /// Asks for nothing more; what is under way is still waited for.
    func retire() {
        isRetired = true
        poller.takeBytes(of: token)
    }
}
