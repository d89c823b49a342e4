// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Annotation catalog")
struct AnnotationCatalogTests {
    @Test(arguments: AnnotationContract.rows)
    func holdsEachAnnotationOfTheContract(row: AnnotationContract.Row) throws {
        let spec = try #require(AnnotationCatalog.spec(forKey: row.key))
        #expect(spec.key == row.key)
        #expect(spec.type == row.type)
        #expect(spec.defaultValue == row.defaultValue)
        #expect(spec.isInherited == row.isInherited)
        #expect(spec.replacement == row.replacement)
    }

    @Test func holdsNoAnnotationOutsideTheContract() {
        let keys = AnnotationCatalog.all.map(\.key)
        #expect(keys.sorted() == AnnotationContract.rows.map(\.key).sorted())
    }

    @Test(arguments: AnnotationCatalog.all)
    func acceptsItsOwnDefaults(spec: AnnotationSpec) throws {
        guard let text = spec.defaultValue else { return }
        let canonical = try spec.canonical(text)
        #expect(try spec.canonical(canonical) == canonical)
        #expect(spec.isDefault(text))
        #expect(spec.isDefault(canonical))
    }

    @Test(arguments: AnnotationCatalog.all)
    func writesKeysThatKubernetesAccepts(spec: AnnotationSpec) throws {
        let parts = spec.key.split(separator: "/", omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        #expect(throws: Never.self) { try KubernetesName.validateSubdomain(String(parts[0])) }
        #expect(throws: Never.self) { try KubernetesName.validateLabel(String(parts[1])) }
    }

    @Test(arguments: AnnotationCatalog.all)
    func summarisesInOneLine(spec: AnnotationSpec) {
        #expect((5...80).contains(spec.summary.count))
        #expect(!spec.summary.contains("\n"))
        #expect(!spec.summary.hasSuffix("."))
    }

    @Test func replacesOldKeysByLivingOnes() throws {
        for spec in AnnotationCatalog.all {
            guard let key = spec.replacement else { continue }
            let replacement = try #require(AnnotationCatalog.spec(forKey: key))
            #expect(replacement.replacement == nil)
            #expect(replacement.type == spec.type)
        }
    }

    @Test(arguments: [
        AnnotationKey.inject, AnnotationKey.proxyRetryBudget, AnnotationKey.opaquePorts,
        AnnotationKey.skipInboundPorts, AnnotationKey.skipOutboundPorts,
        AnnotationKey.enableDebugSidecar, AnnotationKey.proxyAdditionalEnv,
        AnnotationKey.enableNativeSidecar,
    ])
    func knowsTheKeysThatCodeNames(key: String) {
        #expect(AnnotationCatalog.spec(forKey: key) != nil)
    }

    @Test(arguments: [
        AnnotationKey.injectedAnnotations, AnnotationKey.controlPlaneComponentLabel, "", "inject",
        "linkerd.io/created-by", "config.linkerd.io/", "Config.linkerd.io/proxy-uid",
        "config.linkerd.io/proxy-uid ", "config.linkerd.io/PROXY-UID",
    ])
    func knowsNoOtherKey(key: String) {
        #expect(AnnotationCatalog.spec(forKey: key) == nil)
    }

    @Test(arguments: [
        ("config.linkerd.io/proxy-uid", true), ("config.linkerd.io/no-such-thing", true),
        ("config.alpha.linkerd.io/x", true), ("config.beta.linkerd.io/x", true),
        ("config.linkerd.io/", true), ("linkerd.io/inject", false),
        ("config.linkerd.iox/proxy-uid", false), ("xconfig.linkerd.io/proxy-uid", false),
        ("balancer.linkerd.io/failure-accrual", false), ("retry.linkerd.io/http", false),
        ("", false),
    ])
    func tellsSettingsByTheirPrefix(key: String, isSetting: Bool) {
        #expect(AnnotationCatalog.isConfigurationKey(key) == isSetting)
    }

    @Test(arguments: [
        ("config.linkerd.io/proxy-cpu-limt", "config.linkerd.io/proxy-cpu-limit"),
        ("config.linkerd.io/proxy-cpu-limits", "config.linkerd.io/proxy-cpu-limit"),
        ("config.linkerd.io/proxy-memory-requests", "config.linkerd.io/proxy-memory-request"),
        ("config.linkerd.io/opaque-port", "config.linkerd.io/opaque-ports"),
        ("config.linkerd.io/skip-inbound-port", "config.linkerd.io/skip-inbound-ports"),
        ("config.linkerd.io/skip-oubtound-ports", "config.linkerd.io/skip-outbound-ports"),
        ("config.linkerd.io/proxy-loglevel", "config.linkerd.io/proxy-log-level"),
        ("config.linkerd.io/Proxy-Log-Level", "config.linkerd.io/proxy-log-level"),
        ("config.linkerd.io/proxy_await", "config.linkerd.io/proxy-await"),
        ("config.linkerd.io/acess-log", "config.linkerd.io/access-log"),
        ("linkerd.io/injct", "linkerd.io/inject"),
        ("linkerd.io/proxy-retry-buget", "linkerd.io/proxy-retry-budget"),
        ("config.linkerd.io/proxy-retries-budget", "linkerd.io/proxy-retry-budget"),
        (
            "config.alpha.linkerd.io/proxy-wait-before-exit-second",
            "config.alpha.linkerd.io/proxy-wait-before-exit-seconds"
        ),
    ])
    func findsTheKeyBehindASlip(key: String, meant: String) {
        #expect(AnnotationCatalog.suggestion(forUnknownKey: key) == meant)
    }

    @Test(arguments: [
        ("linkerd.io/proxy-cpu-limit", "config.linkerd.io/proxy-cpu-limit"),
        ("config.linkerd.io/inject", "linkerd.io/inject"),
        ("config.linkerd.io/proxy-retry-budget", "linkerd.io/proxy-retry-budget"),
        ("config.beta.linkerd.io/opaque-ports", "config.linkerd.io/opaque-ports"),
        (
            "config.linkerd.io/proxy-wait-before-exit-seconds",
            "config.alpha.linkerd.io/proxy-wait-before-exit-seconds"
        ),
        ("linkerd.io/init-image", "config.linkerd.io/proxy-image"),
        ("config.beta.linkerd.io/init-image-version", "config.linkerd.io/proxy-version"),
        (
            "linkerd.io/proxy-enable-native-sidecar",
            "config.linkerd.io/proxy-enable-native-sidecar"
        ),
    ])
    func findsTheNameAfterTheWrongPrefix(key: String, meant: String) {
        #expect(AnnotationCatalog.suggestion(forUnknownKey: key) == meant)
    }

    @Test(arguments: [
        "", "/", "opaque-ports", "config.linkerd.io/", "config.linkerd.io/something-else-entirely",
        "config.linkerd.io/port",
    ])
    func findsNothingWhereNothingIsNear(key: String) {
        #expect(AnnotationCatalog.suggestion(forUnknownKey: key) == nil)
    }

    @Test func findsEveryLivingKeyThroughOneLostLetter() {
        for spec in AnnotationCatalog.all where spec.replacement == nil {
            let slip = String(spec.key.dropLast())
            #expect(AnnotationCatalog.suggestion(forUnknownKey: slip) == spec.key)
        }
    }
}
