// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Synchronization

@testable import ProxyRuntime

/// One end of a TCP connection, whose calls wait, with a bound.
final class TestSocket: Sendable {
    let descriptor: Int32
    private let isOpen = Atomic<Bool>(true)

    /// Whether the other side reset the connection as soon as it was made.
    private let wasReset: Bool

    init(_ descriptor: Int32, wasReset: Bool = false) {
        self.descriptor = descriptor
        self.wasReset = wasReset
    }

    deinit { close() }

    static func connect(to address: SocketAddress) throws -> TestSocket {
        let descriptor = try SystemCalls.connect(to: address)
        do {
            try Wait.forReady(descriptor, .writable)
            // Asking for the error clears it.
            let error = SystemCalls.connectError(descriptor)
            if let error, error != Self.reset { throw error }
            return TestSocket(descriptor, wasReset: error != nil)
        } catch {
            SystemCalls.close(descriptor)
            throw error
        }
    }

    fileprivate static let reset = Errno(code: 104)

    private func checkReset() throws {
        if wasReset { throw Self.reset }
    }

    // MARK: Bytes

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        try checkReset()
        var offset = 0
        while offset < bytes.count {
            switch SystemCalls.send(descriptor, bytes, offset..<bytes.count) {
            case .bytes(let count): offset += count
            case .wouldBlock: try Wait.forReady(descriptor, .writable)
            case .end: throw BenchError("send said that it is at an end")
            case .failed(let error): throw error
            }
        }
    }

    /// Sends as much as the other side takes without reading.
    func sendWhatFits(atMost count: Int) throws -> Int {
        let bytes = [UInt8](repeating: 0x61, count: 64 << 10)
        var sent = 0
        while sent < count {
            switch SystemCalls.send(descriptor, bytes, 0..<min(bytes.count, count - sent)) {
            case .bytes(let count): sent += count
            case .wouldBlock:
                guard (try? Wait.forReady(descriptor, .writable, within: 0.5)) != nil else {
                    return sent
                }
            case .end: return sent
            case .failed(let error): throw error
            }
        }
        return sent
    }

    /// The next bytes; nil at the end.
    func receiveSome(within seconds: Double = Wait.secondsMax) throws -> [UInt8]? {
        try checkReset()
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            switch SystemCalls.receive(descriptor, into: &buffer) {
            case .bytes(let count): return Array(buffer[..<count])
            case .end: return nil
            case .wouldBlock: try Wait.forReady(descriptor, .readable, within: seconds)
            case .failed(let error): throw error
            }
        }
    }

    /// Exactly so many bytes.
    func receive(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: max(1, min(count, 256 << 10)))
        while bytes.count < count {
            if buffer.count > count - bytes.count {
                buffer.removeLast(buffer.count - count + bytes.count)
            }
            switch SystemCalls.receive(descriptor, into: &buffer) {
            case .bytes(let count): bytes += buffer[..<count]
            case .end: throw BenchError("the end after \(bytes.count) of \(count) bytes")
            case .wouldBlock: try Wait.forReady(descriptor, .readable)
            case .failed(let error): throw error
            }
        }
        return bytes
    }

    func receiveText(_ count: Int) throws -> String {
        String(decoding: try receive(count), as: UTF8.self)
    }

    /// All bytes up to the other side's end.
    func receiveToEnd() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let more = try receiveSome() { bytes += more }
        return bytes
    }

    /// Whether the other side sends neither a byte nor an end for so long.
    func isSilent(forSeconds seconds: Double) -> Bool {
        (try? Wait.forReady(descriptor, .readable, within: seconds)) == nil
    }

    /// How the other side ended, bytes before that left aside.
    func ending() throws -> Ending {
        do {
            while try receiveSome() != nil {}
            return .finished
        } catch let error as Errno {
            return .broken(error)
        }
    }

    enum Ending: Equatable {
        case finished
        case broken(Errno)

        static let reset = Ending.broken(TestSocket.reset)
    }

    // MARK: The end

    func finish() { SystemCalls.shutdownWrite(descriptor) }

    func close() {
        if isOpen.exchange(false, ordering: .relaxed) { SystemCalls.close(descriptor) }
    }

    /// Leaves with RST.
    func reset() {
        if isOpen.exchange(false, ordering: .relaxed) { SystemCalls.reset(descriptor) }
    }
}

/// A server of a test.
final class TestListener: Sendable {
    let address: SocketAddress
    private let descriptor: Int32

    /// Listens; port 0 lets the kernel choose.
    init(_ ip: IPAddress = .loopbackV4, port: UInt16 = 0) throws {
        descriptor = try SystemCalls.listen(
            on: SocketAddress(ip: ip, port: port),
            sharing: false
        )
        guard let own = SystemCalls.localAddress(descriptor) else {
            throw BenchError("a listener without an address")
        }
        address = own
    }

    deinit { SystemCalls.close(descriptor) }

    /// The next connection.
    func accept(within seconds: Double = Wait.secondsMax) throws -> TestSocket {
        while true {
            if let socket = try SystemCalls.accept(descriptor) { return TestSocket(socket) }
            try Wait.forReady(descriptor, .readable, within: seconds)
        }
    }

    /// Whether nobody has connected.
    func isQuiet() throws -> Bool {
        guard let socket = try SystemCalls.accept(descriptor) else { return true }
        SystemCalls.close(socket)
        return false
    }
}
