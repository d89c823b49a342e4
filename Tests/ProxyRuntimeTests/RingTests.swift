// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProxyRuntime

/// A socket whose bytes an io_uring(7) moves, against a real peer.
@Suite("Ring", .enabled(if: (try? Ring()) != nil, "this kernel gives no io_uring"))
struct RingTests {
    /// A ring, a socket on it, and its peer.
    private struct Bed {
        let ring: Ring
        let poller: Poller
        let own: TestSocket
        let peer: TestSocket
        let socket: RingSocket
        let token: SocketToken

        init(_ ring: Ring? = nil) throws {
            self.ring = try ring ?? Ring()
            let listener = try TestListener()
            peer = try TestSocket.connect(to: listener.address)
            own = try listener.accept()
            poller = try Poller()
            token = SocketToken(own.descriptor, 7)
            try poller.addConnection(token)
            socket = RingSocket(self.ring, poller, token)
        }

        /// Waits for something to be received, and has the socket take note of it.
        @discardableResult
        func receive() throws -> Int32 {
            while true {
                guard case .received(let told, let received) = try next() else { continue }
                #expect(told == token)
                socket.received(received)
                return received.result
            }
        }

        /// Waits for a send to be done.
        func sent() throws -> Errno? {
            while true {
                guard case .sent(let told, let error) = try next() else { continue }
                #expect(told == token)
                _ = socket.sent(error)
                return error
            }
        }

        private func next() throws -> Ring.Completion {
            if let completion = ring.next() { return completion }
            ring.wait(nanos: 5_000_000_000)
            guard let completion = ring.next() else { throw BenchError("no completion came") }
            return completion
        }

        func take(_ count: Int = 65_536) -> IOResult? {
            var bytes = [UInt8](repeating: 0, count: count)
            return socket.take(into: &bytes)
        }

        func text(_ count: Int = 65_536) -> String? {
            var bytes = [UInt8](repeating: 0, count: count)
            guard case .bytes(let count) = socket.take(into: &bytes) else { return nil }
            return String(decoding: bytes[..<count], as: UTF8.self)
        }

        func send(_ text: String) -> IOResult? {
            ring.isBusy = true
            return socket.send(Array(text.utf8), 0..<text.utf8.count)
        }
    }

    @Test func bringsWhatThePeerSends() throws {
        let bed = try Bed()
        bed.socket.awaitBytes()
        #expect(bed.take() == .wouldBlock)
        try bed.peer.send("one")
        #expect(try bed.receive() == 3)
        #expect(bed.text() == "one")
        #expect(bed.socket.isDrained)
        // Nothing is received that nobody has asked for.
        #expect(bed.take() == nil)
        bed.peer.finish()
        bed.socket.awaitBytes()
        #expect(try bed.receive() == 0)
        #expect(!bed.socket.isDrained)
        #expect(bed.take() == nil)
        #expect(SystemCalls.receive(bed.token.descriptor) == .end)
    }

    @Test func keepsWhatItsOwnerLeaves() throws {
        let bed = try Bed()
        bed.socket.awaitBytes()
        try bed.peer.send("abcdef")
        try bed.receive()
        #expect(bed.text(2) == "ab")
        bed.socket.settle()
        #expect(!bed.socket.isDrained)
        #expect(!bed.socket.isQuiet)
        // It is not asked for more before all of it is taken.
        bed.socket.awaitBytes()
        #expect(bed.text(3) == "cde")
        #expect(bed.text() == "f")
        #expect(bed.socket.isDrained)
        #expect(bed.socket.isQuiet)
    }

    @Test func goesOnWithTheSocketBehindAFullBuffer() throws {
        let bed = try Bed()
        bed.socket.awaitBytes()
        try bed.peer.send([UInt8](repeating: 0x61, count: Ring.bufferBytes + 5))
        #expect(try bed.receive() == Int32(Ring.bufferBytes))
        #expect(bed.take() == .bytes(Ring.bufferBytes))
        #expect(!bed.socket.isDrained)
        #expect(bed.take() == nil)
    }

    /// A request that cannot be repeated must not meet a server that has left, or spoken.
    @Test func isNotQuietOnceSomethingHasComeThatNobodyHasSeen() throws {
        let bed = try Bed()
        bed.socket.awaitBytes()
        bed.ring.wait(nanos: 0)
        #expect(bed.socket.isQuiet)
        try bed.peer.send("unasked")
        // The kernel puts them into a buffer: the socket itself has nothing more.
        bed.ring.wait(nanos: 5_000_000_000)
        #expect(SystemCalls.isQuiet(bed.token.descriptor))
        #expect(!bed.socket.isQuiet)
        try bed.receive()
        #expect(!bed.socket.isQuiet)
        #expect(bed.text() == "unasked")
    }

    @Test func tellsOfAReset() throws {
        let bed = try Bed()
        bed.socket.awaitBytes()
        bed.ring.wait(nanos: 0)
        bed.peer.reset()
        #expect(try bed.receive() == -104)
        #expect(bed.socket.brokenBy == Errno(code: 104))
        #expect(bed.take() == .failed(Errno(code: 104)))
    }

    @Test func sendsOneAfterTheOther() throws {
        let bed = try Bed()
        #expect(!bed.socket.holdsOutput)
        #expect(bed.send("first") == .bytes(5))
        #expect(bed.send("second") == .wouldBlock)
        #expect(bed.socket.holdsOutput)
        #expect(try bed.sent() == nil)
        #expect(!bed.socket.holdsOutput)
        #expect(try bed.peer.receiveText(5) == "first")
        // More than a chunk holds is the caller's to send.
        #expect(bed.send(String(repeating: "x", count: Ring.bufferBytes + 1)) == nil)
    }

    @Test func tellsThatASendHasFailed() throws {
        let bed = try Bed()
        bed.peer.reset()
        try Wait.until("the reset has come") { !SystemCalls.isQuiet(bed.token.descriptor) }
        #expect(bed.send("lost") == .bytes(4))
        #expect(try bed.sent() != nil)
        #expect(bed.socket.holdsOutput)
        guard case .failed = bed.send("more") else {
            Issue.record("the error was not told")
            return
        }
    }

    /// The kernel holds a socket while it is to receive from it: the peer would see no end.
    @Test func letsGoOfASocketThatIsClosed() throws {
        let bed = try Bed()
        bed.socket.awaitBytes()
        bed.ring.wait(nanos: 0)
        #expect(bed.send("the last words") == .bytes(14))
        bed.socket.leave()
        bed.own.close()
        bed.ring.wait(nanos: 0)
        #expect(try bed.peer.receiveToEnd() == Array("the last words".utf8))
    }

    /// A queued send names a descriptor, which the next connection may get.
    @Test func sendsNothingToTheNextOneWithThatDescriptor() throws {
        let ring = try Ring()
        let bed = try Bed(ring)
        #expect(bed.send("for the first") == .bytes(13))
        bed.socket.leave()
        bed.own.close()
        let next = try Bed(ring)
        ring.wait(nanos: 0)
        #expect(try bed.peer.receiveToEnd() == Array("for the first".utf8))
        #expect(next.peer.isSilent(forSeconds: 0.1))
    }

    @Test func readsBySystemCallsWhereBuffersAreOut() throws {
        let ring = try Ring()
        let beds = try (0..<200).map { _ in try Bed(ring) }
        for bed in beds {
            bed.socket.awaitBytes()
            try bed.peer.send("x")
        }
        var outcomes: [Int32: Int] = [:]
        for _ in beds {
            ring.wait(nanos: 5_000_000_000)
            while case .received(let token, let received) = ring.next() {
                let bed = try #require(beds.first { $0.token == token })
                bed.socket.received(received)
                outcomes[received.result, default: 0] += 1
            }
            if outcomes.values.reduce(0, +) == beds.count { break }
        }
        #expect(outcomes == [1: 128, -105: 72])
        for bed in beds {
            let taken = bed.take() ?? SystemCalls.receive(bed.token.descriptor)
            #expect(taken == .bytes(1))
        }
    }
}

extension SystemCalls {
    fileprivate static func receive(_ socket: Int32) -> IOResult {
        var bytes = [UInt8](repeating: 0, count: 64)
        return receive(socket, into: &bytes)
    }
}
