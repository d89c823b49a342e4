// SPDX-License-Identifier: Apache-2.0

/// SIGTERM and SIGINT as something to read.
final class Signals: SocketOwner {
    private let descriptor: Int32
    private let received: () -> Void

    /// Blocks the two signals for this thread and those that it starts; make it first.
    init(_ received: @escaping () -> Void) throws(Errno) {
        self.received = received
        descriptor = try WakeUps.takeSignals()
    }

    func start(on reactor: Reactor) throws(Errno) { _ = try reactor.addSource(descriptor, self) }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        while WakeUps.acknowledge(descriptor) { received() }
    }
}
