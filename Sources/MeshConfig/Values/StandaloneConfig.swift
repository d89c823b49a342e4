// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// What the proxy runs with where there is no control plane: the checked file of
/// `meshctl proxy --config`.
public struct StandaloneConfig: Equatable, Sendable {
    /// The `proxy:` tree, which `linkerd.io/proxy-config` shares.
    public var proxy: ProxySettings
    /// The proxy's own certificate; nil means no TLS at all, neither in nor out.
    public var identity: IdentityFiles?
    /// The services that clients may name, in the order of the file.
    public var services: [ServiceEntry]
    /// The side that takes connections from other machines.
    public var inbound: InboundSettings
    /// How the names of endpoints are looked up.
    public var dns: DNSSettings
    /// How long clients may take.
    public var timeouts: TimeoutSettings

    /// Makes a configuration; what is not given is the default.
    public init(
        proxy: ProxySettings = ProxySettings(),
        identity: IdentityFiles? = nil,
        services: [ServiceEntry] = [],
        inbound: InboundSettings = InboundSettings(),
        dns: DNSSettings = DNSSettings(),
        timeouts: TimeoutSettings = TimeoutSettings()
    ) {
        self.proxy = proxy
        self.identity = identity
        self.services = services
        self.inbound = inbound
        self.dns = dns
        self.timeouts = timeouts
    }
}

/// Where the proxy's own certificate is, and whom it trusts.
///
/// The paths are absolute, or relative to the working directory: those of a file have the file's
/// folder in front.
public struct IdentityFiles: Equatable, Sendable {
    /// The proxy's own mesh identity: a DNS name or a SPIFFE ID.
    public var name: String
    /// The path of the certificate chain, PEM.
    public var certificate: String
    /// The path of the private key, PEM.
    public var key: String
    /// The path of the trust anchors, PEM.
    public var trustRoots: String

    /// Makes an identity from its name and its files.
    public init(name: String, certificate: String, key: String, trustRoots: String) {
        self.name = name
        self.certificate = certificate
        self.key = key
        self.trustRoots = trustRoots
    }
}

/// A service that clients may name, and who serves it.
public struct ServiceEntry: Equatable, Sendable {
    /// The DNS name that clients use.
    public var name: String
    /// The virtual IP address and port that clients connect to, if the service has one.
    public var address: SocketAddress?
    /// Who serves it; none means that every request fails.
    public var endpoints: [Endpoint]

    /// Makes a service.
    public init(name: String, address: SocketAddress? = nil, endpoints: [Endpoint]) {
        self.name = name
        self.address = address
        self.endpoints = endpoints
    }
}

/// One instance of a service.
public struct Endpoint: Equatable, Sendable {
    /// Where it listens.
    public var address: EndpointAddress
    /// The mesh identity it must prove; nil for a peer outside the mesh.
    public var identity: String?

    /// Makes an endpoint.
    public init(address: EndpointAddress, identity: String? = nil) {
        self.address = address
        self.identity = identity
    }
}
