// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// One socket's bytes, in the clear or through TLS.
///
/// Invariant: `write` takes everything; what the socket does not take waits here, and its owner
/// stops to read the other side until `flush` says that it is gone.
final class ByteStream {
    let token: SocketToken
    /// Set once the handshake is done; from then on all bytes go through it.
    var tls: TLSSession?
    /// Who moves the bytes, where it is not the stream itself.
    var ringSocket: RingSocket? {
        didSet {
            tls?.ringSocket = ringSocket
            if !isReadable { ringSocket?.awaitBytes() }
        }
    }
    /// Whether the kernel may have bytes for us; cleared by a read that finds none.
    var isReadable = true {
        didSet { if isReadable { tls?.noteReadable() } else { ringSocket?.awaitBytes() } }
    }
    /// Whether the peer has said that it is done, and all before that has been read.
    var isAtEnd = false
    /// Whether the kernel has said so; bytes may still be there to be read.
    var isEnding = false
    /// Why nothing can be said to this peer any more.
    ///
    /// What it had said before may still be there to be read: a server that refuses a request sends
    /// why, and closes with the rest unread.
    var writeError: Errno?
    private var output = OutputBuffer()
    private var wantsFinish = false
    /// Whether the last read from the ring took all; nil when it was not from the ring.
    private var hasEmptied: Bool?
    private(set) var isFinished = false
    /// Where its bytes are counted, once it is known what they are.
    var series: ConnectionSeries?

    init(_ token: SocketToken) { self.token = token }

    /// Takes note of an event.
    func note(_ events: SocketEvents) {
        if events.contains(.readable) { isReadable = true }
        if events.contains(.ended) { isEnding = true }
    }

    /// Whether there are bytes that the socket has not taken, and may yet take.
    var hasOutput: Bool {
        // An end that waits for the ring's send counts too.
        writeError == nil && (isOutputWaiting || ringSocket != nil && wantsFinish && !isFinished)
    }

    private var isOutputWaiting: Bool {
        ringSocket?.holdsOutput == true || tls.map { !$0.output.isEmpty } ?? !output.isEmpty
    }

    /// Why an end that was just read is none.
    ///
    /// The reset that broke writing ends reading too, and the kernel tells of it but once. After an
    /// end of the peer's own it says EPIPE instead (tcp_reset), and in TLS the end is a message.
    var falseEnd: Errno? {
        guard tls == nil, let writeError, writeError.code != brokenPipe else { return nil }
        return writeError
    }

    /// What broke the socket, which it says but once.
    var brokenBy: Errno? {
        ringSocket.map(\.brokenBy) ?? SystemCalls.connectError(token.descriptor)
    }

    /// Reads what is there into a buffer, from `start` to its end.
    func read(into buffer: inout [UInt8], from start: Int = 0) -> IOResult {
        guard isReadable || tls?.hasPending == true else { return .wouldBlock }
        // Nothing will announce once more what is behind the last bytes of a peer that is gone.
        let isLast = isEnding || writeError != nil
        if isLast { tls?.noteReadable() }
        let result =
            tls?.read(into: &buffer, from: start)
            ?? receive(into: &buffer, from: start)
        switch result {
        case .bytes(let count):
            // A short read has emptied the socket, and whatever comes next will be announced
            // (epoll(7), question 9).
            if !isLast, tls?.isDrained ?? (hasEmptied ?? (count < buffer.count - start)) {
                isReadable = false
            }
            series?.read.add(count)
        case .wouldBlock: isReadable = false
        case .end, .failed: break
        }
        return result
    }

    private func receive(into buffer: inout [UInt8], from start: Int) -> IOResult {
        let taken = ringSocket?.take(into: &buffer, from: start)
        hasEmptied = taken == nil ? nil : ringSocket?.isDrained
        return taken ?? SystemCalls.receive(token.descriptor, into: &buffer, from: start)
    }

    private func send(_ buffer: [UInt8], _ range: Range<Int>) -> IOResult {
        ringSocket?.send(buffer, range) ?? SystemCalls.send(token.descriptor, buffer, range)
    }

    /// Writes a range of a buffer.
    ///
    /// - Returns: nil, or what broke.
    func write(_ buffer: [UInt8], _ range: Range<Int>) -> Errno? {
        series?.written.add(range.count)
        if let tls { return tls.write(buffer, range) ? nil : Errno(code: brokenPipe) }
        guard output.isEmpty else {
            output.append(buffer[range])
            return nil
        }
        switch send(buffer, range) {
        case .bytes(let count):
            if count < range.count {
                output.append(buffer[(range.lowerBound + count)..<range.upperBound])
            }
        case .wouldBlock, .end: output.append(buffer[range])
        case .failed(let error): return error
        }
        return nil
    }

    /// Offers the waiting bytes to the socket, and then the end if it is due.
    ///
    /// - Returns: nil, or what broke.
    func flush() -> Errno? {
        let result =
            tls?.flush() ?? output.drain { send($0, $1) }
        switch result {
        case .failed(let error): return error
        case .wouldBlock: return nil
        case .bytes, .end:
            if wantsFinish, ringSocket?.holdsOutput != true { sendEnd() }
            return nil
        }
    }

    /// Says that no more bytes will come, once those that wait are gone.
    func finish() {
        guard !wantsFinish else { return }
        wantsFinish = true
        tls?.finish()
        if writeError != nil || !isOutputWaiting { sendEnd() }
    }

    private func sendEnd() {
        guard !isFinished else { return }
        isFinished = true
        SystemCalls.shutdownWrite(token.descriptor)
    }

    private let brokenPipe: Int32 = 32
}
