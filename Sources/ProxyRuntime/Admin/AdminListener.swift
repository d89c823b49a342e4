// SPDX-License-Identifier: Apache-2.0

/// The admin port's listener.
final class AdminListener: SocketOwner {
    private let socket: Int32
    private let reactor: Reactor
    private let pages: AdminPages

    init(_ socket: Int32, _ reactor: Reactor, _ pages: AdminPages) {
        self.socket = socket
        self.reactor = reactor
        self.pages = pages
    }

    func start() throws(Errno) { _ = try reactor.addSource(socket, self) }

    override func handle(_ events: SocketEvents, on token: SocketToken) {
        while let accepted = try? SystemCalls.accept(socket) {
            let pages = pages
            _ = AdminConnection(accepted, reactor) { pages.respond(to: $0) }
        }
    }
}
