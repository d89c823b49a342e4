// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Mesh defaults")
struct MeshDefaultsTests {
    @Test func portsAndUserAreThoseOfTheContract() {
        #expect(MeshDefaults.inboundPort == 4143)
        #expect(MeshDefaults.outboundPort == 4140)
        #expect(MeshDefaults.controlPort == 4190)
        #expect(MeshDefaults.adminPort == 4191)
        #expect(MeshDefaults.proxyUserID == 2102)
    }

    @Test func portListsAreThoseOfTheContract() {
        #expect(
            MeshDefaults.opaquePorts.description == "25,587,3306,4444,5432,6379,9300,11211"
        )
        #expect(MeshDefaults.skippedPorts.description == "4567,4568")
    }

    @Test func clusterNetworksAreThoseOfTheContract() throws {
        let networks = MeshDefaults.clusterNetworks
        let text = "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8"
        #expect(networks.description == text)
        #expect(try CIDRList(parsing: text) == networks)
        for (address, isInside) in [
            ("10.1.2.3", true), ("172.32.0.1", false), ("fd12::1", true), ("8.8.8.8", false),
        ] {
            #expect(networks.contains(try IPAddress(parsing: address)) == isInside)
        }
    }

    @Test func logFilterIsThatOfTheContract() throws {
        #expect(MeshDefaults.logFilter == "warn,linkerd=info,hickory=error")
        #expect(try LogFilter(parsing: MeshDefaults.logFilter).directives.count == 3)
    }

    @Test func imagesCarryNoVersion() throws {
        for text in [MeshDefaults.proxyImage, MeshDefaults.debugImage] {
            let image = try ContainerImage(parsing: text)
            #expect(image.registry != nil)
            #expect(image.tag == nil)
            #expect(image.digest == nil)
        }
    }

    @Test func serverFirstPortsAreNeitherOpaqueAlreadyNorTheMeshsOwn() {
        let own = [
            MeshDefaults.inboundPort, MeshDefaults.outboundPort, MeshDefaults.controlPort,
            MeshDefaults.adminPort,
        ]
        let ports = MeshDefaults.serverFirstPorts.map(\.port)
        #expect(!ports.isEmpty)
        #expect(Set(ports).count == ports.count)
        for port in ports {
            #expect(!MeshDefaults.opaquePorts.contains(port))
            #expect(!MeshDefaults.skippedPorts.contains(port))
            #expect(!own.contains(port))
        }
    }
}
