// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// One thread's loop: sockets and their owners, deadlines, and calls from other threads.
///
/// Responsibilities: it delivers each event to the owner of that very connection, never to a later
/// one with the same descriptor; it closes what it is told to.
/// What it does not do: it knows nothing of TLS, of policy or of bytes.
final class Reactor {
    private struct Slot {
        var generation: UInt32 = 0
        var owner: SocketOwner?
        var ringSocket: RingSocket?
    }

    private let poller: Poller
    /// Nil where epoll does everything.
    private var ring: Ring?
    /// Whether the ring has said that the poller has events, and has not been asked again.
    private var isPollerReady = true
    private var slots: [Slot] = []
    private var timers = TimerQueue()
    /// LIMIT: entries of the queue before those of closed connections are looked for; twice what
    /// was needed last time, so that the search is paid for by as many additions.
    private var staleTimersMax = Reactor.timersMin
    private static let timersMin = 1024
    /// Owners that want another turn although no event will tell.
    private var again: [(owner: SocketOwner, token: SocketToken)] = []
    /// Those that have it now; empty between two turns of the loop.
    private var turns: [(owner: SocketOwner, token: SocketToken)] = []
    private var isStopping = false
    let mailbox: Mailbox
    /// What another thread, which knows no more of this one than its mailbox, sets going here.
    var calledUpon: (() -> Void)?
    private var mailboxToken = SocketToken(-1, 0)

    /// The time of this turn.
    private(set) var nowNanos = SystemCalls.monotonicNanos()
    /// Where a read puts its bytes.
    ///
    /// LIMIT: 128 KiB a read, of which each thread has one buffer: what a TLS flight of six records
    /// holds, and two records that OpenSSL may have held back. As much may wait for a peer that
    /// takes nothing; the kernel keeps more for a socket.
    var scratch = [UInt8](repeating: 0, count: 128 << 10)
    let tlsFlight = TLSFlight()

    /// Lends the buffer out; whoever has it calls nobody who wants it too.
    func withScratch<Result>(_ body: (inout [UInt8]) -> Result) -> Result {
        var buffer: [UInt8] = []
        swap(&buffer, &scratch)
        precondition(!buffer.isEmpty, "the buffer is lent already")
        defer { swap(&buffer, &scratch) }
        return body(&buffer)
    }

    /// Whether the process is going to end.
    private(set) var isDraining = false

    /// Asks every owner to end its connections when it can.
    func drain() {
        isDraining = true
        for slot in slots { slot.owner?.drain() }
    }

    init() throws(Errno) {
        poller = try Poller()
        mailbox = try Mailbox()
        mailboxToken = SocketToken(mailbox.descriptor, 0)
        try poller.addSource(mailboxToken)
    }

    // MARK: Sockets

    /// Takes charge of a connection on behalf of an owner.
    func add(_ descriptor: Int32, _ owner: SocketOwner) throws(Errno) -> SocketToken {
        let token = claim(descriptor, owner)
        do throws(Errno) {
            try poller.addConnection(token)
        } catch {
            release(token)
            throw error
        }
        return token
    }

    /// Takes charge of a listener or another source of wake-ups.
    func addSource(_ descriptor: Int32, _ owner: SocketOwner) throws(Errno) -> SocketToken {
        let token = claim(descriptor, owner)
        try poller.addSource(token)
        return token
    }

    /// Watches a socket that the owner reads and closes by itself, for as long as an event lasts.
    func watch(
        _ descriptor: Int32,
        _ owner: SocketOwner,
        for events: SocketEvents
    ) throws(Errno) -> SocketToken {
        let token = claim(descriptor, owner)
        do throws(Errno) {
            try poller.add(token, for: events)
        } catch {
            release(token)
            throw error
        }
        return token
    }

    /// Watches it for other events from now on.
    func watch(_ token: SocketToken, for events: SocketEvents) {
        poller.change(token, to: events)
    }

    /// Watches it no more; its owner is about to close it.
    func forget(_ token: SocketToken) {
        poller.remove(token)
        release(token)
    }

    /// Gives a socket to another owner.
    func transfer(_ token: SocketToken, to owner: SocketOwner) {
        slots[Int(token.descriptor)].owner = owner
    }

    private func claim(_ descriptor: Int32, _ owner: SocketOwner) -> SocketToken {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(Slot()) }
        slots[index].generation &+= 1
        slots[index].owner = owner
        return SocketToken(descriptor, slots[index].generation)
    }

    private func release(_ token: SocketToken) {
        let index = Int(token.descriptor)
        slots[index].owner = nil
        guard let ringSocket = slots[index].ringSocket else { return }
        slots[index].ringSocket = nil
        ringSocket.leave()
    }

    // MARK: The ring

    /// Has a ring from now on, on this thread.
    ///
    /// - Throws: why the kernel gives none.
    func openRing() throws(Errno) { ring = try Ring() }

    /// Has the ring move a stream's bytes, now that it is in steady use.
    func joinRing(_ stream: ByteStream) {
        guard let ring, stream.ringSocket == nil else { return }
        let ringSocket = RingSocket(ring, poller, stream.token)
        slots[Int(stream.token.descriptor)].ringSocket = ringSocket
        stream.ringSocket = ringSocket
    }

    /// Moves its bytes without the ring again; what the ring is about to bring is still taken.
    func leaveRing(_ stream: ByteStream) { stream.ringSocket?.retire() }

    private func turn(_ ring: Ring) {
        if isPollerReady { ring.poll(poller.descriptor) }
        isPollerReady = false
        ring.wait(nanos: waitMillis().map { Int64($0) * 1_000_000 })
        nowNanos = SystemCalls.monotonicNanos()
        while let completion = ring.next() {
            switch completion {
            case .poller: isPollerReady = true
            case .received(let token, let received): take(received, token, ring)
            case .sent(let token, let error):
                guard let owner = owner(of: token),
                    slots[Int(token.descriptor)].ringSocket?.sent(error) == true
                else { continue }
                owner.handle([.writable], on: token)
            case .nothing: break
            }
        }
        if isPollerReady { deliver(poller.wait(millis: 0)) }
    }

    private func take(_ received: Ring.Received, _ token: SocketToken, _ ring: Ring) {
        guard let owner = owner(of: token),
            let ringSocket = slots[Int(token.descriptor)].ringSocket
        else {
            if let buffer = received.buffer { ring.giveBack(buffer) }
            return
        }
        ringSocket.received(received)
        owner.handle(received.isBroken ? [.readable, .hungUp] : .readable, on: token)
        ringSocket.settle()
    }

    /// Closes a socket; its owner hears no more of it.
    func close(_ token: SocketToken) {
        release(token)
        SystemCalls.close(token.descriptor)
    }

    /// Closes a socket with RST.
    func reset(_ token: SocketToken) {
        release(token)
        SystemCalls.reset(token.descriptor)
    }

    /// Stops to watch a listener for a while, or for good; it stays open.
    func pause(_ token: SocketToken) { poller.remove(token) }

    func resume(_ token: SocketToken) throws(Errno) { try poller.addSource(token) }

    /// Whoever hears of a socket; nil once it is closed.
    func owner(of token: SocketToken) -> SocketOwner? {
        let index = Int(token.descriptor)
        guard index < slots.count, slots[index].generation == token.generation else { return nil }
        return slots[index].owner
    }

    // MARK: Time

    /// Sets or clears the owner's one deadline; the token is any of its sockets.
    func setDeadline(_ deadlineNanos: UInt64?, of owner: SocketOwner, _ token: SocketToken) {
        owner.deadlineNanos = deadlineNanos
        guard let deadlineNanos, owner.queuedNanos.map({ deadlineNanos < $0 }) ?? true else {
            return
        }
        owner.queuedNanos = deadlineNanos
        timers.add(token, at: deadlineNanos)
        guard timers.count > staleTimersMax else { return }
        // Connections that were closed leave their entries behind, some for minutes.
        timers.removeAll { self.owner(of: $0.token)?.queuedNanos != $0.deadlineNanos }
        staleTimersMax = max(Self.timersMin, 2 * timers.count)
    }

    private func fireTimers() {
        while let token = timers.popDue(nowNanos: nowNanos) {
            guard let owner = owner(of: token) else { continue }
            owner.queuedNanos = nil
            guard let deadline = owner.deadlineNanos else { continue }
            if deadline <= nowNanos {
                owner.deadlineNanos = nil
                owner.deadlineReached(nowNanos: nowNanos)
            } else {
                setDeadline(deadline, of: owner, token)
            }
        }
    }

    /// Gives an owner one more turn after the others have had theirs, however often it asks.
    func runAgain(_ owner: SocketOwner, _ token: SocketToken) {
        guard !owner.isQueued else { return }
        owner.isQueued = true
        again.append((owner, token))
    }

    // MARK: The loop

    func run() {
        while !isStopping { turn() }
        for index in slots.indices {
            let owner = slots[index].owner
            slots[index].owner = nil
            owner?.abandon()
        }
    }

    func stop() { isStopping = true }

    private func turn() {
        if let ring {
            turn(ring)
        } else {
            let count = poller.wait(millis: waitMillis())
            // Before anyone sets a deadline: the wait may have been long.
            nowNanos = SystemCalls.monotonicNanos()
            deliver(count)
        }
        for call in mailbox.takeAll() { call(self) }
        runTurns()
        fireTimers()
    }

    /// Tells the owners of so many events of the poller.
    private func deliver(_ count: Int) {
        for index in 0..<count {
            let (token, events) = poller.event(at: index)
            if token == mailboxToken {
                mailbox.acknowledge()
            } else {
                owner(of: token)?.handle(events, on: token)
            }
        }
    }

    private func runTurns() {
        // The two lists change places: a copy would take memory anew in each turn.
        swap(&again, &turns)
        for turn in turns {
            turn.owner.isQueued = false
            guard owner(of: turn.token) === turn.owner else { continue }
            turn.owner.handle([.readable, .writable], on: turn.token)
        }
        turns.removeAll(keepingCapacity: true)
    }

    private func waitMillis() -> Int32? {
        if !again.isEmpty { return 0 }
        guard let next = timers.nextDeadlineNanos else { return nil }
        let now = SystemCalls.monotonicNanos()
        guard next > now else { return 0 }
        // Rounded up: a millisecond early would spin until it is due.
        return Int32(clamping: (next - now + 999_999) / 1_000_000)
    }
}

/// Calls from other threads to a reactor.
final class Mailbox: Sendable {
    typealias Call = @Sendable (Reactor) -> Void

    let descriptor: Int32
    private let calls = Mutex<[Call]>([])

    init() throws(Errno) {
        descriptor = try WakeUps.makeEvent()
    }

    deinit { SystemCalls.close(descriptor) }

    /// Has a call carried out on the reactor's thread, soon.
    func post(_ call: @escaping Call) {
        calls.withLock { $0.append(call) }
        WakeUps.raise(descriptor)
    }

    fileprivate func takeAll() -> [Call] {
        calls.withLock { calls in
            guard !calls.isEmpty else { return [] }
            let taken = calls
            calls = []
            return taken
        }
    }

    fileprivate func acknowledge() { _ = WakeUps.acknowledge(descriptor) }
}
