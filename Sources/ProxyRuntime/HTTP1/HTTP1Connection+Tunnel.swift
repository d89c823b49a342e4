// SPDX-License-Identifier: Apache-2.0

internal import MeshModel
internal import ProxyCore

// What an upgrade or CONNECT leads to.
extension HTTP1Connection {
    /// Hands both sockets to a relay of bytes, with those that were read already.
    func becomeTunnel(early fromServer: [UInt8]) {
        guard let upstream else { return }
        let address = upstream.target.address
        countEnd()
        self.upstream = nil
        let server = upstream.detach()
        reactor.leaveRing(client)
        let toClient = worker.output + fromServer
        worker.output.removeAll(keepingCapacity: true)
        let fromClient = held
        held = []
        // The count of open connections goes on with the tunnel.
        worker.counters.open()
        end()
        TunnelConnection(client, server, address, origin, worker).start(
            toClient: toClient,
            toServer: fromClient
        )
    }
}

/// A relay of bytes between a client and a server that have agreed to speak something else.
final class TunnelConnection: ProxiedConnection {
    init(
        _ client: ByteStream,
        _ server: ByteStream,
        _ serverAddress: SocketAddress,
        _ origin: HTTP1Connection.Origin,
        _ worker: Worker
    ) {
        super.init(
            adopting: client,
            server,
            at: serverAddress,
            clientAddress: origin.clientAddress,
            origin.direction,
            worker
        )
    }

    /// Begins with bytes that were read before; a socket that takes them no more ends it.
    ///
    /// It goes on in a turn of its own: whoever has read those bytes still has the thread's buffer.
    func start(toClient: [UInt8], toServer: [UInt8]) {
        let isBroken =
            client.write(toClient, 0..<toClient.count) != nil
            || server?.write(toServer, 0..<toServer.count) != nil
        if isBroken { abandon() } else { reactor.runAgain(self, client.token) }
    }

    override func advance() {
        // A client that has ended before is seen to end again, and the server told.
        client.isAtEnd = false
        client.isReadable = true
        startRelay()
    }
}
