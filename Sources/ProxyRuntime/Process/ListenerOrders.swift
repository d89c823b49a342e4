// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import Synchronization

/// The sockets that a worker listens on from its start.
struct WorkerListeners: Sendable {
    var inbound: Int32
    var outbound: [Int32] = []
    /// Those of services with a loopback address.
    var services: [(address: SocketAddress, socket: Int32)] = []
}

/// What the first thread wants of a worker's listeners later on.
final class ListenerOrders: Sendable {
    enum Order: Sendable {
        /// Take connections to a service from this socket.
        case open(SocketAddress, socket: Int32)
        /// Take no more.
        case close(SocketAddress)
    }

    private let orders = Mutex<[Order]>([])
    private let mailbox: Mailbox

    init(_ mailbox: Mailbox) { self.mailbox = mailbox }

    func give(_ new: [Order]) {
        orders.withLock { $0 += new }
        mailbox.post { $0.calledUpon?() }
    }

    func takeAll() -> [Order] {
        orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }
}
