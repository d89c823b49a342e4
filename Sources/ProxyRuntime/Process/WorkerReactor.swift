// SPDX-License-Identifier: Apache-2.0

/// A reactor on its way to the thread that it will belong to.
// SAFETY: it is handed over once, before the thread runs; the thread that made it does not touch
// the reactor again, only the mailbox, which is Sendable.
final class WorkerReactor: @unchecked Sendable {
    let mailbox: Mailbox
    private let reactor: Reactor

    init(_ reactor: Reactor) {
        self.reactor = reactor
        mailbox = reactor.mailbox
    }

    func run(_ prepare: (Reactor) -> Acceptors?) {
        // Kept for as long as the loop runs: the reactor's slots hold the acceptors too.
        let acceptors = prepare(reactor)
        reactor.run()
        _ = acceptors
    }
}
