// SPDX-License-Identifier: Apache-2.0

import MeshConfig
import MeshModel
import Testing

@Suite("Standalone configuration")
struct StandaloneConfigTests {
    @Test func defaultsAreThoseOfTheContract() {
        let config = StandaloneConfig()
        #expect(config.proxy.outboundListen.description == "127.0.0.1:4140")
        #expect(config.proxy.requestTimeout == nil)
        #expect(config.proxy.allow == nil)
        #expect(config.identity == nil)
        #expect(config.services == [])
        #expect(config.inbound.listen.description == "0.0.0.0:4143")
        #expect(config.inbound.adminListen.description == "127.0.0.1:4191")
        #expect(config.inbound.defaultPolicy == .allUnauthenticated)
        #expect(config.inbound.clusterNetworks == MeshDefaults.clusterNetworks)
        #expect(config.inbound.opaquePorts == MeshDefaults.opaquePorts)
        #expect(config.inbound.forwardTo == nil)
        #expect(config.dns.servers == nil)
        #expect(config.dns.ttlMin.description == "5s")
        #expect(config.inbound.probes == [])
    }
}
