// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// The settings of the outbound side: what `linkerd.io/proxy-config` says for the whole mesh.
public struct ProxySettings: Equatable, Sendable {
    /// Where the proxy takes connections of its own machine or pod; always a loopback address.
    public var outboundListen: SocketAddress
    /// The time from a request's first byte to its response's headers; nil means no bound.
    public var requestTimeout: GoDuration?
    /// Where requests may go: nil means everywhere, an empty list nowhere.
    public var allow: [AllowEntry]?

    /// Makes settings; what is not given is the default.
    public init(
        outboundListen: SocketAddress = SocketAddress(
            ip: .loopbackV4,
            port: MeshDefaults.outboundPort
        ),
        requestTimeout: GoDuration? = nil,
        allow: [AllowEntry]? = nil
    ) {
        self.outboundListen = outboundListen
        self.requestTimeout = requestTimeout
        self.allow = allow
    }
}
