// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import ProxyRuntime

@Suite("Own addresses")
struct OwnAddressesTests {
    private static let pod = IPAddress.v4(0x0AF4_0007)
    private static let other = IPAddress.v4(0x0AF4_0008)
    private static let mapped = IPAddress.v6(high: 0, low: 0xFFFF_0AF4_0007)
    private static let anywhere = IPAddress.v4(0)

    private func own(_ podIPs: [IPAddress]) -> OwnAddresses {
        OwnAddresses(
            [SocketAddress(ip: Self.anywhere, port: 4143)],
            admin: SocketAddress(ip: Self.anywhere, port: 4191),
            podIPs: podIPs
        )
    }

    /// INBOUND_IPS: what was sent to somebody else is not this pod's to answer.
    @Test func tellThePodFromOthers() {
        let own = own([Self.pod])
        #expect(own.mayBePods(Self.pod))
        #expect(own.mayBePods(Self.mapped))
        #expect(!own.mayBePods(Self.other))
    }

    @Test func believeAllWhereNoneIsKnown() {
        #expect(own([]).mayBePods(Self.other))
    }

    /// A listener at every address takes what is sent to the pod's own.
    @Test func leadBackByThePodsAddress() {
        let (known, unknown) = (own([Self.pod]), own([]))
        #expect(known.lead(to: SocketAddress(ip: Self.pod, port: 4143)))
        #expect(!known.lead(to: SocketAddress(ip: Self.pod, port: 8080)))
        #expect(!known.lead(to: SocketAddress(ip: Self.other, port: 4143)))
        #expect(!unknown.lead(to: SocketAddress(ip: Self.pod, port: 4143)))
    }
}
