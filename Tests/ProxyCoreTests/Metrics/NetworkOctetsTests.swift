// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("Bytes of the network")
struct NetworkOctetsTests {
    @Test func areReadByTheirNames() throws {
        let text = """
            TcpExt: SyncookiesSent InOctets
            TcpExt: 1 2
            IpExt: InNoRoutes OutOctets InOctets InMcastOctets
            IpExt: 0 70 65 9
            MPTcpExt: MPCapableSYNRX
            MPTcpExt: 0

            """
        let octets = try #require(NetworkOctets(parsing: text))
        #expect(octets.received == 65)
        #expect(octets.sent == 70)
    }

    @Test(arguments: [
        "", "IpExt: InOctets OutOctets\n", "IpExt: InOctets\nIpExt: 1\n",
        "IpExt: InOctets OutOctets\nIpExt: 1 x\n", "TcpExt: InOctets OutOctets\nTcpExt: 1 2\n",
    ])
    func areNotGuessed(text: String) {
        #expect(NetworkOctets(parsing: text) == nil)
    }
}
