// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshConfig
internal import MeshModel

/// What a running proxy takes from a changed file, and what it cannot.
struct Reload {
    let old: ProxySetup
    let new: ProxySetup

    /// Settings that have changed and that only a new process can take: its redirect, its probes
    /// and its clients know the old addresses.
    var restarts: [String] {
        let pairs: [(String, String, String)] = [
            (
                "proxy.listenAddr", Self.listed(old.outboundListeners),
                Self.listed(new.outboundListeners)
            ),
            (
                "inbound.listenAddr", "\(old.config.inbound.listen)", "\(new.config.inbound.listen)"
            ),
            (
                "inbound.adminListenAddr", "\(old.config.inbound.adminListen)",
                "\(new.config.inbound.adminListen)"
            ),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1) and would be \($0.2)" }
    }

    /// Addresses of services that are to be listened on from now on.
    var opened: [SocketAddress] {
        Array(new.servicesToListenFor.subtracting(old.servicesToListenFor))
    }

    /// Addresses of services that are not to be listened on any more.
    var closed: [SocketAddress] {
        Array(old.servicesToListenFor.subtracting(new.servicesToListenFor))
    }

    private static func listed(_ addresses: [SocketAddress]) -> String {
        addresses.map(\.description).joined(separator: " and ")
    }
}

extension ProxySetup {
    /// Where clients on this machine reach services without a redirect.
    var servicesToListenFor: Set<SocketAddress> {
        Set(config.services.compactMap(\.address).filter(\.ip.isLoopback))
    }

    /// The proxy's own listeners.
    var ownAddresses: OwnAddresses {
        OwnAddresses(
            outboundListeners + [config.inbound.listen] + servicesToListenFor,
            admin: config.inbound.adminListen,
            podIPs: podIPs
        )
    }

    /// The names of all endpoints.
    var endpointNames: Set<String> {
        Set(config.services.flatMap(\.endpoints).compactMap(\.address.name))
    }
}
