// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// The listeners of one worker.
final class Acceptors {
    private let all: [Acceptor]

    private init(_ all: [Acceptor]) { self.all = all }

    static func start(
        _ worker: Worker,
        inbound: Int32,
        outbound: [(socket: Int32, service: SocketAddress?)]
    ) -> Acceptors? {
        var all = [
            Acceptor(
                inbound,
                worker.reactor,
                worker.log,
                drainAcceptNanos: worker.timing.drainAcceptNanos
            ) { socket, _ in
                InboundConnection(socket, worker)?.start()
            }
        ]
        for (socket, service) in outbound {
            all.append(
                Acceptor(socket, worker.reactor, worker.log) { socket, turn in
                    OutboundConnection(socket, to: service, worker)?.start(turn: turn)
                }
            )
        }
        do throws(Errno) {
            for acceptor in all { try acceptor.start() }
        } catch {
            worker.log.log(.error, "cannot watch a listener", [("error", "\(error)")])
            return nil
        }
        return Acceptors(all)
    }
}
