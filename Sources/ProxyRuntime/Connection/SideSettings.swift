// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// One value for connections to the pod, and one for those from it.
struct PerDirection<Value: Sendable>: Sendable {
    var inbound: Value
    var outbound: Value

    subscript(direction: Direction) -> Value {
        get { direction == .inbound ? inbound : outbound }
        set {
            switch direction {
            case .inbound: inbound = newValue
            case .outbound: outbound = newValue
            }
        }
    }
}

/// What may be set of the connections of one direction; times are in nanoseconds.
struct SideSettings: Sendable {
    /// For the application, or another pod, to take a connection.
    var connectNanos: UInt64
    /// For the bytes that tell the protocol, for a TLS handshake and for what must follow it.
    var detectNanos: UInt64
    /// How long a connection to a server waits for another request; shorter than servers do, so
    /// that a request seldom meets a connection that is being closed.
    var poolNanos: UInt64
    /// Of sockets that were accepted.
    var accepted: SocketTuning
    /// Of sockets that were connected.
    var connected: SocketTuning
    /// LIMIT: connections of one thread to one endpoint that wait for a request.
    var idleUpstreamsMax: Int
    /// LIMIT: requests under way in one thread.
    var requestsMax: Int
    /// LIMIT: connections that wait to be accepted; the kernel caps it by somaxconn.
    var backlog: Int

    init(_ settings: ProxyEnvironment.Direction) {
        connectNanos = settings.connectTimeoutNanos
        detectNanos = settings.detectTimeoutNanos
        poolNanos = settings.poolIdleNanos
        accepted = SocketTuning(
            keepAliveNanos: settings.acceptKeepaliveNanos,
            userTimeoutNanos: settings.acceptUserTimeoutNanos
        )
        connected = SocketTuning(
            keepAliveNanos: settings.connectKeepaliveNanos,
            userTimeoutNanos: settings.connectUserTimeoutNanos
        )
        idleUpstreamsMax = settings.idleConnectionsMax
        requestsMax = settings.requestsMax
        backlog = settings.listenBacklog
    }

    /// The part of one of so many threads: bounds are those of the whole proxy.
    func shared(among threads: Int) -> SideSettings {
        var share = self
        share.idleUpstreamsMax = (idleUpstreamsMax + threads - 1) / threads
        share.requestsMax = (requestsMax + threads - 1) / threads
        return share
    }
}

/// How the kernel finds out that a peer is gone; nil for the kernel's own ways.
struct SocketTuning: Sendable {
    /// After so long without a byte it is asked, and then as often.
    var keepAliveNanos: UInt64?
    /// TCP_USER_TIMEOUT (tcp(7)): so long what was sent may go without an answer.
    var userTimeoutNanos: UInt64?
}
