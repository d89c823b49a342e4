// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// The listeners of one worker.
final class Acceptors {
    private let worker: Worker
    private var fixed: [Acceptor] = []
    private var services: [SocketAddress: Acceptor] = [:]

    private init(_ worker: Worker) { self.worker = worker }

    /// Takes connections from now on, and orders on behalf of services that come and go.
    static func start(
        _ worker: Worker,
        _ listeners: WorkerListeners,
        _ orders: ListenerOrders
    ) -> Acceptors? {
        let acceptors = Acceptors(worker)
        guard acceptors.start(listeners) else { return nil }
        worker.reactor.calledUpon = {
            acceptors.carryOut(orders.takeAll())
            // It may be that series are to give way.
            worker.metrics.forget()
        }
        // Some may have come before anybody listened.
        acceptors.carryOut(orders.takeAll())
        return acceptors
    }

    private func start(_ listeners: WorkerListeners) -> Bool {
        let worker = worker
        let inbound = Acceptor(
            listeners.inbound,
            worker.reactor,
            worker.log,
            drainAcceptNanos: worker.timing.drainAcceptNanos
        ) { socket, _ in
            InboundConnection(socket, worker)?.start()
        }
        fixed = [inbound] + listeners.outbound.map { makeOutbound($0, for: nil) }
        for (address, socket) in listeners.services {
            services[address] = makeOutbound(socket, for: address)
        }
        return (fixed + services.values).allSatisfy(start)
    }

    private func makeOutbound(_ socket: Int32, for service: SocketAddress?) -> Acceptor {
        let worker = worker
        return Acceptor(socket, worker.reactor, worker.log) { socket, turn in
            OutboundConnection(socket, to: service, worker)?.start(turn: turn)
        }
    }

    private func start(_ acceptor: Acceptor) -> Bool {
        do throws(Errno) {
            try acceptor.start()
            return true
        } catch {
            worker.log.log(.error, "cannot watch a listener", [("error", "\(error)")])
            return false
        }
    }

    private func carryOut(_ orders: [ListenerOrders.Order]) {
        for order in orders {
            switch order {
            case .open(let address, let socket):
                let acceptor = makeOutbound(socket, for: address)
                guard start(acceptor) else {
                    SystemCalls.close(socket)
                    continue
                }
                services[address] = acceptor
            case .close(let address): services.removeValue(forKey: address)?.stop()
            }
        }
    }
}
