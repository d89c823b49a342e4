// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Every key of the standalone file: the reader's list of what it knows, and the document's table.
public enum ConfigKeys {
    /// All keys, in the order of the document.
    public static let all: [ConfigKey] =
        proxy + identity + inbound + services + dns + timeouts

    /// The keys of the `proxy:` tree, which `linkerd.io/proxy-config` shares.
    public static let proxy: [ConfigKey] = [
        ConfigKey("proxy", .keys, "the outbound side: what `linkerd.io/proxy-config` holds"),
        ConfigKey(
            "proxy.listenAddr",
            .listener,
            default: ":\(MeshDefaults.outboundPort)",
            "where the proxy takes connections of its own machine; always a loopback address"
        ),
        ConfigKey("proxy.proxy", .keys, "what happens to requests"),
        ConfigKey(
            "proxy.proxy.outgoing",
            .keys,
            alternative: "outbound",
            "what happens to requests that leave"
        ),
        ConfigKey("proxy.proxy.outgoing.request", .keys, "one request"),
        ConfigKey(
            "proxy.proxy.outgoing.request.timeout",
            .duration,
            "from a request's first byte to its response's headers, all retries included"
        ),
        ConfigKey(
            "proxy.proxy.outgoing.allow",
            .destinations,
            "where requests may go: without it everywhere, with an empty list nowhere"
        ),
    ]

    private static let identity: [ConfigKey] = [
        ConfigKey("identity", .keys, "the proxy's own certificate; without it there is no TLS"),
        ConfigKey(
            "identity.name",
            .identity,
            isRequired: true,
            "the identity that the certificate proves"
        ),
        ConfigKey(
            "identity.certificate",
            .path,
            isRequired: true,
            "the certificate and its chain, PEM"
        ),
        ConfigKey("identity.key", .path, isRequired: true, "the private key, PEM"),
        ConfigKey("identity.trustRoots", .path, isRequired: true, "the trust anchors, PEM"),
    ]

    private static let inbound: [ConfigKey] = [
        ConfigKey("inbound", .keys, "the inbound side, which takes connections from others"),
        ConfigKey(
            "inbound.listenAddr",
            .listener,
            default: InboundSettings().listen.description,
            "where the proxy takes connections from others"
        ),
        ConfigKey(
            "inbound.adminListenAddr",
            .listener,
            default: InboundSettings().adminListen.description,
            "where the proxy answers probes and shows metrics"
        ),
        ConfigKey(
            "inbound.defaultPolicy",
            .policy,
            default: InboundSettings().defaultPolicy.description,
            "who may connect"
        ),
        ConfigKey(
            "inbound.clusterNetworks",
            .networks,
            default: InboundSettings().clusterNetworks.description,
            "the networks that the `cluster-` policies mean"
        ),
        ConfigKey(
            "inbound.opaquePorts",
            .ports,
            default: InboundSettings().opaquePorts.description,
            "ports whose bytes are passed on unread"
        ),
        ConfigKey(
            "inbound.forwardTo",
            .peer,
            "where connections go, on a machine without a redirect; `:8080` means `127.0.0.1:8080`"
        ),
        ConfigKey("inbound.probes", .list, "requests about health, which every policy lets in"),
        ConfigKey(
            "inbound.probes[].port",
            .port,
            isRequired: true,
            "the application's port that is asked"
        ),
        ConfigKey(
            "inbound.probes[].path",
            .requestPath,
            isRequired: true,
            "what a GET must ask for, byte for byte; queries are left out on both sides"
        ),
    ]

    private static let services: [ConfigKey] = [
        ConfigKey("services", .named, "the services that clients may name, each by its DNS name"),
        ConfigKey("services.NAME", .keys, "one service"),
        ConfigKey(
            "services.NAME.address",
            .peer,
            "the virtual IP address and port that clients connect to"
        ),
        ConfigKey(
            "services.NAME.endpoints",
            .list,
            isRequired: true,
            "who serves it; an empty list serves nothing"
        ),
        ConfigKey(
            "services.NAME.endpoints[].address",
            .endpoint,
            isRequired: true,
            "where the endpoint listens; a name stands for all its addresses"
        ),
        ConfigKey(
            "services.NAME.endpoints[].identity",
            .identity,
            "the mesh identity that it must prove; without it the connection is not encrypted"
        ),
    ]

    private static let dns: [ConfigKey] = [
        ConfigKey("dns", .keys, "how the names of endpoints are looked up"),
        ConfigKey("dns.servers", .servers, "whom to ask, in place of the servers of `resolvConf`"),
        ConfigKey(
            "dns.resolvConf",
            .path,
            default: DNSSettings().resolvConf,
            "servers, search domains and options, as in resolv.conf(5)"
        ),
        ConfigKey(
            "dns.minTTL",
            .duration,
            default: DNSSettings().ttlMin.description,
            "an answer holds at least so long"
        ),
        ConfigKey(
            "dns.maxTTL",
            .duration,
            default: DNSSettings().ttlMax.description,
            "an answer holds at most so long"
        ),
    ]

    private static let timeouts: [ConfigKey] = [
        ConfigKey("timeouts", .keys, "how long clients of HTTP/1 may take, inbound and outbound"),
        ConfigKey(
            "timeouts.head",
            .duration,
            default: TimeoutSettings().head.description,
            "for a request's head, from its first byte on"
        ),
        ConfigKey(
            "timeouts.stall",
            .duration,
            default: TimeoutSettings().stall.description,
            "without a byte of a request's body, or a byte of a response taken"
        ),
        ConfigKey(
            "timeouts.idle",
            .duration,
            default: TimeoutSettings().idle.description,
            "between two requests of a connection"
        ),
    ]
}
