// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Opens the proxy's listeners, also where a pod has less of IP than its specification knows of.
///
/// What is left out fails closed: a redirect that led there would end in a refusal.
struct Listening {
    let log: ProxyLog

    /// A listener; the one at `::` becomes one at `0.0.0.0` where there is no IPv6.
    func open(
        _ address: SocketAddress,
        _ what: String,
        sharing: Bool = false,
        backlog: Int = 4096
    ) throws(Errno) -> Int32 {
        do throws(Errno) {
            return try SystemCalls.listen(on: address, sharing: sharing, backlog: backlog)
        } catch {
            if address.ip == .unspecifiedV6, error.isMissingAddress {
                warn(address, what)
                let instead = SocketAddress(ip: .unspecifiedV4, port: address.port)
                return try open(instead, what, sharing: sharing, backlog: backlog)
            }
            log.log(.error, "cannot listen", [("address", "\(address)"), ("for", what)])
            throw error
        }
    }

    /// The listeners for the pod's own connections: all but those of IPv6 where there is none.
    func openOutbound(
        _ addresses: [SocketAddress],
        sharing: Bool,
        backlog: Int
    ) throws(Errno) -> [Int32] {
        var sockets: [Int32] = []
        var missing: Errno?
        for address in addresses {
            do throws(Errno) {
                sockets.append(
                    try SystemCalls.listen(on: address, sharing: sharing, backlog: backlog)
                )
            } catch {
                guard address.ip.bitWidth == 128, error.isMissingAddress else {
                    log.log(
                        .error,
                        "cannot listen",
                        [("address", "\(address)"), ("for", "outbound")]
                    )
                    throw error
                }
                missing = error
                warn(address, "outbound")
            }
        }
        // Without any of them the pod's connections would all be refused.
        if sockets.isEmpty, let missing { throw missing }
        return sockets
    }

    private func warn(_ address: SocketAddress, _ what: String) {
        log.log(
            .warn,
            "not listening, because this pod has no IPv6",
            [("address", "\(address)"), ("for", what)]
        )
    }
}
