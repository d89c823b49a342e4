// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@testable import Injector

@Suite("Inject options")
struct InjectOptionsTests {
    private func keys(_ options: InjectOptions) -> [String] {
        options.podAnnotations.map { String($0.key.split(separator: "/")[1]) }
    }

    @Test func areWrittenInTheCatalogsOrderWhateverTheFlags() throws {
        var options = InjectOptions()
        try options.set("config.linkerd.io/close-wait-timeout", to: "5s")
        try options.set("config.linkerd.io/proxy-cpu-limit", to: "1")
        try options.set("config.linkerd.io/opaque-ports", to: "3306")
        #expect(keys(options) == ["opaque-ports", "proxy-cpu-limit", "close-wait-timeout"])
    }

    @Test(arguments: [
        ("proxy-uid", "2102"), ("proxy-gid", "-1"), ("inbound-port", "04143"),
        ("proxy-outbound-connect-timeout", "1s"), ("proxy-cpu-limit", ""),
        ("enable-external-profiles", "F"), ("image-pull-policy", "IfNotPresent"),
        ("opaque-ports", "11211,9300,6379,5432,4444,3306,587,25"),
        ("skip-inbound-ports", "4568, 4567"), ("close-wait-timeout", "0"),
    ])
    func dropWhatHoldsAnyway(name: String, value: String) throws {
        #expect(keys(try InjectorRun.options([name: value])) == [])
    }

    @Test(arguments: [("proxy-uid", "2103"), ("skip-inbound-ports", ""), ("proxy-gid", "0")])
    func keepWhatDiffers(name: String, value: String) throws {
        #expect(keys(try InjectorRun.options([name: value])) == [name])
    }

    @Test func letTheLastValueWin() throws {
        var options = try InjectorRun.options(["proxy-uid": "3000"])
        try options.set("config.linkerd.io/proxy-uid", to: "3001")
        #expect(options.podAnnotations == [Annotation("config.linkerd.io/proxy-uid", "3001")])
        try options.set("config.linkerd.io/proxy-uid", to: "2102")
        #expect(options.podAnnotations == [])
    }

    @Test func refuseBadValues() {
        var options = InjectOptions()
        #expect(throws: ValueError.self) {
            try options.set("config.linkerd.io/proxy-uid", to: "root")
        }
        #expect(options.podAnnotations == [])
    }

    @Test func stopOnAKeyThatIsNotInTheCatalog() async {
        await #expect(processExitsWith: .failure) {
            var options = InjectOptions()
            try options.set("config.linkerd.io/xyzzy", to: "")
        }
    }
}
