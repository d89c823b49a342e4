// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import COpenSSL
internal import Glibc
internal import ProxyCore

/// TLS over one socket, by a BIO of our own: one recv a flight, one send a flight.
///
/// It belongs to one thread. What the socket does not take at once waits in `output`.
@safe final class TLSSession {
    /// What a handshake came to.
    enum Handshake {
        case done
        case inProgress
        case failed(TLSError)
    }

    // SAFETY: owned by this object; its BIO points back here without a reference, and both end in
    // deinit.
    private let handle: OpaquePointer
    private let socket: Int32
    /// Who moves the records, where it is not the session itself.
    var ringSocket: RingSocket?
    private let flight: TLSFlight
    private let expectedIdentity: String?
    private(set) var output = OutputBuffer()
    /// The last error of the socket, which OpenSSL's own would hide.
    private var socketError: Errno?
    /// Whether the socket has said that it has no more.
    private var sawEnd = false
    /// Whether the last look at the socket took all that it had, and no event has come since.
    private var hasEmptiedSocket = false
    /// Whether the peer sends more than one record at a time.
    private var isBulk = false
    /// How much the read under way may receive ahead of OpenSSL.
    private var aheadMax = 0
    /// Whether records are put together before they are sent.
    private var isCorked = false
    private var isEstablished = false
    private var budget = RecordBudget()
    private var isFlooded = false
    /// How the peer has broken the protocol after the handshake; nil while it has not.
    private(set) var violation: TLSError?

    init?(
        owning handle: OpaquePointer,
        socket: Int32,
        _ flight: TLSFlight,
        expectedIdentity: String?
    ) {
        unsafe self.handle = handle
        self.socket = socket
        self.flight = flight
        self.expectedIdentity = expectedIdentity
        guard let method = unsafe SocketBIO.method, let bio = unsafe BIO_new(method) else {
            unsafe SSL_free(handle)
            return nil
        }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(handle, bio, bio)
    }

    deinit { unsafe SSL_free(handle) }

    // MARK: Handshake

    func handshake() -> Handshake {
        let result = unsafe SSL_do_handshake(handle)
        if result == 1 {
            if let error = identityError() { return .failed(error) }
            isEstablished = true
            hasEmptiedSocket = false
            return .done
        }
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .inProgress
        default: return .failed(handshakeError())
        }
    }

    private func handshakeError() -> TLSError {
        let words = OpenSSLError.take()
        let verdict = unsafe SSL_get_verify_result(handle)
        if verdict != Int(X509_V_OK) {
            let who = peerCertificate?.identity.map { " (\($0))" } ?? ""
            return TLSError(
                kind: VerifyResult.kind(verdict),
                reason: "the peer's certificate\(who) is refused: \(VerifyResult.text(verdict))"
            )
        }
        if let socketError {
            return TLSError(kind: .protocolError, reason: "the peer left: \(socketError)")
        }
        let reason = sawEnd ? "the peer closed the connection during the handshake" : words
        return TLSError(kind: .protocolError, reason: reason)
    }

    /// The name is checked apart from the chain: it need not be the server name.
    private func identityError() -> TLSError? {
        guard let expectedIdentity else { return nil }
        guard let certificate = peerCertificate else {
            return TLSError(kind: .noIdentity, reason: "the peer has no certificate")
        }
        guard certificate.hasIdentity(expectedIdentity) else {
            return TLSError(
                kind: .wrongIdentity,
                reason: "the peer is \(certificate.identity ?? "nobody"), not \(expectedIdentity)"
            )
        }
        return nil
    }

    private var peerCertificate: Certificate? {
        unsafe SSL_get1_peer_certificate(handle).map { unsafe Certificate(owning: $0) }
    }

    /// The verified identity of the peer; nil when it showed no certificate.
    var peerIdentity: String? { peerCertificate?.identity }

    /// Whether the two agreed to send a transport header.
    var hasTransportProtocol: Bool {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(handle, &name, &length)
        return length > 0
    }

    // MARK: Data

    /// Whether bytes wait inside that no socket event will announce.
    var hasPending: Bool { unsafe SSL_has_pending(handle) == 1 }

    /// Whether a read would find nothing, in the socket or inside.
    var isDrained: Bool { hasEmptiedSocket && !hasPending }

    /// An event says that the socket may have more.
    func noteReadable() { hasEmptiedSocket = false }

    /// Reads into a buffer, from `start` to its end: as many records as are there and fit.
    ///
    /// What goes wrong behind some bytes is told by the next read.
    func read(into buffer: inout [UInt8], from start: Int = 0) -> IOResult {
        let recordMax = TLSFlight.recordBytesMax
        // Room for what is received ahead, for what OpenSSL holds already, and for its last record.
        aheadMax = isBulk ? min(TLSFlight.receivedMax, buffer.count - start - 2 * recordMax) : 0
        defer { aheadMax = 0 }
        var end = start
        repeat {
            let result = readRecord(into: &buffer, from: end)
            guard case .bytes(let count) = result else {
                // A session that has failed takes no more; the next one's bytes come here.
                flight.unread = 0..<0
                if end == start { return result }
                break
            }
            end += count
        } while !flight.unread.isEmpty || (isBulk && buffer.count - end >= recordMax && hasPending)
        return .bytes(end - start)
    }

    private func readRecord(into buffer: inout [UInt8], from start: Int) -> IOResult {
        // SAFETY: OpenSSL writes into the slice, whose bounds are checked.
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            return unsafe SSL_read(handle, rest.baseAddress, Int32(rest.count))
        }
        if result > 0 { return .bytes(Int(result)) }
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .end
        default:
            let words = OpenSSLError.take()
            if socketError == nil, violation == nil {
                violation = TLSError(
                    kind: isFlooded ? .flood : .protocolError,
                    reason: readFailure(words)
                )
            }
            return .failed(socketError ?? Errno(code: ECONNRESET))
        }
    }

    private func readFailure(_ words: String) -> String {
        if isFlooded { return "too many TLS messages without data" }
        // An end without close_notify may be an attacker's cut (RFC 8446 section 6.1).
        return sawEnd ? "the peer ended without close_notify: bytes may be missing" : words
    }

    /// Counts what is no data; once there was too much, nothing more is read.
    ///
    /// A callback cannot end the session, but each of OpenSSL's reads comes through `receive`.
    fileprivate func sawMessage() {
        guard isEstablished, !budget.spend(now: SystemCalls.monotonicNanos()) else { return }
        isFlooded = true
    }

    /// Writes all of a range; what the socket does not take waits in `output`.
    func write(_ buffer: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count > TLSFlight.recordBytesMax else { return encrypt(buffer, range) }
        isCorked = true
        let isWhole = encrypt(buffer, range)
        isCorked = false
        return sendFlight() && isWhole
    }

    private func sendFlight() -> Bool {
        defer { flight.forgetSent() }
        // SAFETY: the pointer is used while the closure runs.
        return unsafe flight.unsent.withUnsafeBytes { unsafe send($0) }
    }

    private func encrypt(_ buffer: [UInt8], _ range: Range<Int>) -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            // SAFETY: the slice checks the range.
            let result = unsafe buffer[offset..<range.upperBound].withUnsafeBytes { bytes in
                unsafe SSL_write(handle, bytes.baseAddress, Int32(bytes.count))
            }
            guard result > 0 else {
                OpenSSLError.clear()
                return false
            }
            offset += Int(result)
        }
        return socketError == nil
    }

    /// Says that no more will come: close_notify.
    func finish() {
        unsafe SSL_shutdown(handle)
        OpenSSLError.clear()
    }

    func flush() -> IOResult {
        output.drain { buffer, range in
            // SAFETY: the slice checks its bounds.
            unsafe buffer[range].withUnsafeBytes { unsafe sendNow($0) }
        }
    }

    // MARK: The socket, for the BIO

    fileprivate func receive(_ pointer: UnsafeMutablePointer<CChar>, _ count: Int) -> IOResult {
        guard !isFlooded else { return .failed(Errno(code: EPROTO)) }
        // SAFETY: OpenSSL owns `count` bytes at the pointer.
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: pointer, count: count)
        if !flight.unread.isEmpty { return unsafe .bytes(takeAhead(bytes)) }
        guard !hasEmptiedSocket || !isEstablished else { return .wouldBlock }
        guard aheadMax > count else {
            let result = unsafe receiveNow(bytes)
            isBulk = result == .bytes(count)
            return result
        }
        let most = aheadMax
        // One call for one read of ours, for which there is room.
        aheadMax = 0
        // SAFETY: the slice checks the range.
        let result = unsafe flight.received.withUnsafeMutableBytes { buffer in
            unsafe receiveNow(UnsafeMutableRawBufferPointer(rebasing: buffer[..<most]))
        }
        guard case .bytes(let length) = result else { return result }
        isBulk = length > count
        flight.unread = 0..<length
        return unsafe .bytes(takeAhead(bytes))
    }

    /// Moves bytes that were received ahead to where OpenSSL wants them.
    private func takeAhead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        let taken = flight.unread.prefix(bytes.count)
        unsafe bytes.copyBytes(from: flight.received[taken])
        flight.unread = flight.unread.dropFirst(taken.count)
        return taken.count
    }

    private func receiveNow(_ bytes: UnsafeMutableRawBufferPointer) -> IOResult {
        if let ringSocket, let result = unsafe ringSocket.take(into: bytes) {
            hasEmptiedSocket = ringSocket.isDrained
            if case .failed(let error) = result { socketError = error }
            return result
        }
        while true {
            // SAFETY: the kernel writes into the buffer's own bytes.
            let result = unsafe recv(socket, bytes.baseAddress, bytes.count, 0)
            hasEmptiedSocket = result < bytes.count && result != 0
            if result > 0 { return .bytes(result) }
            if result == 0 {
                sawEnd = true
                return .end
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default:
                socketError = .current
                return .failed(.current)
            }
        }
    }

    fileprivate func send(_ pointer: UnsafePointer<CChar>, _ count: Int) -> Bool {
        // SAFETY: OpenSSL owns `count` bytes at the pointer until this returns.
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: count)
        guard isCorked else { return unsafe send(bytes) }
        return unsafe !flight.add(bytes) || sendFlight()
    }

    private func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        if output.isEmpty {
            switch unsafe sendNow(bytes) {
            case .bytes(let taken): sent = taken
            case .wouldBlock, .end: break
            case .failed(let error):
                socketError = error
                return false
            }
        }
        // Only what must wait is copied: most of the time nothing.
        if sent < bytes.count {
            unsafe output.append(bytes[sent...])
        }
        return true
    }

    private func sendNow(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        if let result = unsafe ringSocket?.send(bytes) { return result }
        while true {
            // SAFETY: the kernel reads the buffer's own bytes.
            let result = unsafe Glibc.send(
                socket,
                bytes.baseAddress,
                bytes.count,
                Int32(MSG_NOSIGNAL)
            )
            if result >= 0 { return .bytes(result) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed(.current)
            }
        }
    }
}

/// Tells a session of each message that is no data (SSL_CTX_set_msg_callback(3)).
let countTLSMessages:
    @convention(c) (
        Int32, Int32, Int32, UnsafeRawPointer?, Int, OpaquePointer?, UnsafeMutableRawPointer?
    ) -> Void = { isWritten, _, kind, _, _, handle, _ in
        guard isWritten == 0, kind == SSL3_RT_HANDSHAKE || kind == SSL3_RT_ALERT else { return }
        // SAFETY: the session's own BIO, as below.
        unsafe SocketBIO.session(SSL_get_rbio(handle))?.sawMessage()
    }

/// The BIO between OpenSSL and a session's socket.
private enum SocketBIO {
    // SAFETY: made once, under Swift's lazy initialisation, and only read after that.
    nonisolated(unsafe) static let method: OpaquePointer? = unsafe makeMethod()

    private static func makeMethod() -> OpaquePointer? {
        let kind = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = unsafe BIO_meth_new(kind, "socket") else { return nil }
        unsafe BIO_meth_set_read(method, read)
        unsafe BIO_meth_set_write(method, write)
        unsafe BIO_meth_set_ctrl(method, control)
        return unsafe method
    }

    /// SAFETY: the session outlives its BIO, which SSL_free ends in the session's deinit.
    fileprivate static func session(_ bio: OpaquePointer?) -> TLSSession? {
        guard let bio = unsafe bio, let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSSession>.fromOpaque(data).takeUnretainedValue()
    }

    private static let read:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
            bio,
            pointer,
            count in
            unsafe cmesh_bio_clear_retry(bio)
            guard let session = unsafe session(bio), let pointer = unsafe pointer else { return -1 }
            switch unsafe session.receive(pointer, Int(count)) {
            case .bytes(let count): return Int32(count)
            case .end: return 0
            case .wouldBlock:
                unsafe cmesh_bio_set_retry_read(bio)
                return -1
            case .failed: return -1
            }
        }

    private static let write:
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            bio,
            pointer,
            count in
            unsafe cmesh_bio_clear_retry(bio)
            guard let session = unsafe session(bio), let pointer = unsafe pointer else { return -1 }
            return unsafe session.send(pointer, Int(count)) ? count : -1
        }

    private static let control:
        @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
            _,
            command,
            _,
            _ in command == BIO_CTRL_FLUSH ? 1 : 0
        }
}
