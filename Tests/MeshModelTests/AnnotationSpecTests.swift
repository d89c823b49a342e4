// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Annotation spec")
struct AnnotationSpecTests {
    private func spec(_ name: String) throws -> AnnotationSpec {
        try #require(AnnotationCatalog.spec(forKey: AnnotationKey.configPrefix + name))
    }

    @Test(arguments: [
        "skip-subnets", "proxy-cpu-limit", "access-log", "shutdown-grace-period",
        "proxy-require-identity-inbound-ports",
    ])
    func takesEmptyTextWhereItMeansUnset(name: String) throws {
        let spec = try spec(name)
        #expect(try spec.canonical("") == "")
        #expect(spec.isDefault(""))
    }

    @Test(arguments: [
        "proxy-log-level", "proxy-cpu-ratio-limit", "admin-port", "proxy-version", "proxy-await",
        "close-wait-timeout", "proxy-uid", "enable-gateway",
    ])
    func refusesEmptyTextWhereItMeansNothing(name: String) throws {
        let spec = try spec(name)
        #expect(throws: ValueError.self) { try spec.canonical("") }
        #expect(!spec.isDefault(""))
    }

    @Test(arguments: [
        ("proxy-outbound-connect-timeout", "1s"), ("close-wait-timeout", "0"),
        ("enable-gateway", "F"), ("proxy-enable-native-sidecar", "1"),
        ("opaque-ports", "11211,9300,6379,5432,4444,3306,587,25,"), ("proxy-uid", "02102"),
        ("proxy-log-level", "WARN,linkerd=Info,hickory=error"),
        ("skip-inbound-ports", "4568, 4567"),
    ])
    func knowsItsDefaultInAnySpelling(name: String, text: String) throws {
        let spec = try spec(name)
        #expect(spec.isDefault(text))
        #expect(text != spec.defaultValue)
    }

    @Test(arguments: [
        ("proxy-outbound-connect-timeout", "1001ms"), ("enable-gateway", "true"),
        ("enable-gateway", "maybe"), ("opaque-ports", "25"), ("opaque-ports", ""),
        ("proxy-cpu-ratio-limit", "0.5"), ("proxy-version", "v1"),
    ])
    func callsNothingElseItsDefault(name: String, text: String) throws {
        #expect(try !spec(name).isDefault(text))
    }
}
