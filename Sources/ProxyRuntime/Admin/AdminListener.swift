// SPDX-License-Identifier: Apache-2.0

/// The admin port and its clients.
///
/// It has a thread of its own, so that nobody who reads slowly holds up a connection; and bounds,
/// so that nobody fills the memory or keeps the kubelet's probes out. Of too many clients the
/// oldest gives way: a probe is done in a millisecond.
final class AdminListener {
    private let acceptor: Acceptor
    private let clients: AdminClients

    init(_ socket: Int32, _ reactor: Reactor, _ log: ProxyLog, _ service: AdminService) {
        let clients = AdminClients()
        self.clients = clients
        acceptor = Acceptor(socket, reactor, log) { socket, _ in
            guard let client = AdminConnection(socket, reactor, clients, service) else { return }
            clients.add(client)
        }
    }

    func start() throws(Errno) { try acceptor.start() }
}

/// The clients of the admin port, oldest first.
final class AdminClients {
    private var open: [AdminConnection] = []

    /// LIMIT: clients at once; probes, a scraper or two and a person are half a dozen.
    private static let countMax = 64
    /// LIMIT: bytes of answers that wait to be read; the metrics of a busy proxy have half a MiB.
    private static let waitingBytesMax = 4 << 20

    func add(_ client: AdminConnection) {
        if open.count >= Self.countMax { open.first?.close() }
        open.append(client)
    }

    func remove(_ client: AdminConnection) { open.removeAll { $0 === client } }

    /// Ends clients that are slow to read, until an answer of so many bytes may wait with the rest.
    func makeRoom(for byteCount: Int, of client: AdminConnection) {
        var waiting = byteCount + open.reduce(0) { $0 + $1.waitingBytes }
        for other in open where other !== client && other.waitingBytes > 0 {
            guard waiting > Self.waitingBytesMax else { return }
            waiting -= other.waitingBytes
            other.close()
        }
    }
}
