// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshModel
import Testing

@testable import Injector

@Suite("Annotation check")
struct AnnotationCheckTests {
    private func errors(_ annotations: String...) throws -> [ManifestError] {
        let lines = annotations.map { "    \($0)\n" }.joined()
        return try InjectorRun.inject(InjectorRun.pod("  annotations:\n" + lines)).errors
    }

    /// One bad value for every annotation in the catalog.
    static let badValues: [(key: String, value: String)] = [
        ("linkerd.io/inject", "on please"), ("config.linkerd.io/opaque-ports", "8080-80"),
        ("config.linkerd.io/skip-inbound-ports", "ssh"),
        ("config.linkerd.io/skip-outbound-ports", "70000"),
        ("config.linkerd.io/skip-subnets", "10.0.0.0/33"),
        ("config.linkerd.io/control-port", "'0'"), ("config.linkerd.io/admin-port", "http"),
        ("config.linkerd.io/inbound-port", "'65536'"), ("config.linkerd.io/outbound-port", "'-1'"),
        ("config.linkerd.io/pod-inbound-ports", "a;b"),
        ("config.linkerd.io/proxy-require-identity-inbound-ports", "1,,2"),
        ("config.linkerd.io/default-inbound-policy", "allow"),
        ("config.linkerd.io/proxy-uid", "root"), ("config.linkerd.io/proxy-gid", "'-2'"),
        ("config.linkerd.io/enable-external-profiles", "'2'"),
        ("config.linkerd.io/enable-gateway", "maybe"),
        ("config.linkerd.io/proxy-metrics-hostname-labels", "y e s"),
        ("config.linkerd.io/proxy-additional-env", "'{}'"),
        ("config.linkerd.io/proxy-cpu-request", "100 m"),
        ("config.linkerd.io/proxy-cpu-limit", "'-1'"),
        ("config.linkerd.io/proxy-cpu-ratio-limit", "'1.5'"),
        ("config.linkerd.io/proxy-memory-request", "64MB"),
        ("config.linkerd.io/proxy-memory-limit", "lots"),
        ("config.linkerd.io/proxy-ephemeral-storage-request", "1Q"),
        ("config.linkerd.io/proxy-ephemeral-storage-limit", "x"),
        ("config.linkerd.io/proxy-log-level", "linkerd=loud"),
        ("config.linkerd.io/proxy-log-format", "xml"),
        ("config.linkerd.io/proxy-log-http-headers", "secure"),
        ("config.linkerd.io/access-log", "nginx"),
        ("config.linkerd.io/enable-debug-sidecar", "enabled"),
        ("config.linkerd.io/proxy-image", "a b"), ("config.linkerd.io/proxy-version", "a b"),
        ("config.linkerd.io/image-pull-policy", "always"),
        ("config.linkerd.io/debug-image", "a/UPPER"),
        ("config.linkerd.io/debug-image-version", "':'"),
        ("config.linkerd.io/debug-image-pull-policy", "Sometimes"),
        ("config.linkerd.io/init-image", "'a:'"), ("config.linkerd.io/init-image-version", "'/'"),
        ("config.linkerd.io/proxy-outbound-connect-timeout", "'6000'"),
        ("config.linkerd.io/proxy-inbound-connect-timeout", "1d"),
        ("config.linkerd.io/proxy-outbound-discovery-cache-unused-timeout", "-5s"),
        ("config.linkerd.io/proxy-inbound-discovery-cache-unused-timeout", "soon"),
        ("config.linkerd.io/proxy-disable-outbound-protocol-detect-timeout", "off?"),
        ("config.linkerd.io/proxy-disable-inbound-protocol-detect-timeout", "'10'"),
        ("config.linkerd.io/proxy-await", "'true'"),
        ("config.linkerd.io/proxy-enable-native-sidecar", "enabled"),
        ("config.beta.linkerd.io/proxy-enable-native-sidecar", "enabled"),
        ("config.alpha.linkerd.io/proxy-enable-native-sidecar", "enabled"),
        ("config.alpha.linkerd.io/proxy-wait-before-exit-seconds", "5s"),
        ("config.linkerd.io/shutdown-grace-period", "'30'"),
        ("config.linkerd.io/proxy-admin-shutdown", "'on'"),
        ("config.linkerd.io/close-wait-timeout", "1h30"),
        ("linkerd.io/proxy-retry-budget", "5xx"),
    ]

    @Test(arguments: badValues)
    func refusesABadValueWithItsPlace(key: String, value: String) throws {
        let errors = try errors("team: shop", "\(key): \(value)")
        try #require(errors.count == 1)
        #expect(errors[0].code == .badValue)
        #expect(errors[0].message.hasPrefix(key + ": "))
        #expect(errors[0].position == Position(line: 6, column: 5 + key.utf8.count + 2))
    }

    @Test func knowsEveryAnnotation() throws {
        #expect(Set(Self.badValues.map(\.key)) == Set(AnnotationCatalog.all.map(\.key)))
        for spec in AnnotationCatalog.all {
            #expect(try errors("\(spec.key): [x]").map(\.code) == [.badValue], "\(spec.key)")
        }
    }

    @Test(arguments: [
        ("3306", "a number"), ("true", "a boolean"), ("1.5", "a number"), ("[x]", "a collection"),
        ("{a: b}", "a collection"), ("yes", "a boolean"), ("0x50", "a number"),
    ])
    func refusesValuesThatAreNoStrings(value: String, type: String) throws {
        let error = try #require(try errors("config.linkerd.io/opaque-ports: \(value)").first)
        #expect(
            error.message == "config.linkerd.io/opaque-ports: the value is \(type), "
                + "but an annotation must be a string"
        )
        let hint = "put it in quotes: config.linkerd.io/opaque-ports: \"\(value)\""
        #expect(error.hint == (type == "a collection" ? nil : hint))
    }

    @Test(arguments: [
        ("config.linkerd.io/proxy-log-lvl", "did you mean config.linkerd.io/proxy-log-level?"),
        ("config.linkerd.io/Opaque-Ports", "did you mean config.linkerd.io/opaque-ports?"),
        ("config.alpha.linkerd.io/proxy-await", "did you mean config.linkerd.io/proxy-await?"),
        ("config.linkerd.io/inject", "did you mean linkerd.io/inject?"),
        ("config.linkerd.io/xyzzy", "remove it, or use --lenient to be warned only"),
        ("config.beta.linkerd.io/", "remove it, or use --lenient to be warned only"),
    ])
    func refusesUnknownKeysWithAHint(key: String, hint: String) throws {
        let errors = try errors("\(key): x")
        try #require(errors.count == 1)
        #expect(errors[0].code == .unknownKey)
        #expect(errors[0].message == "\"\(key)\" is no setting of the mesh")
        #expect(errors[0].hint == hint)
        #expect(errors[0].position == Position(line: 5, column: 5))
    }

    @Test(arguments: [
        "linkerd.io/unknown: x", "viz.linkerd.io/tap-enabled: 'true'", "example.com/a: b",
        "config.linkerd.io: x", "resource.opentelemetry.io/a: b",
        "config.linkerd.io/proxy-cpu-limit:", "config.linkerd.io/skip-subnets: ''",
    ])
    func passes(annotation: String) throws {
        #expect(try errors(annotation) == [])
    }

    @Test func listsEveryErrorInSourceOrder() throws {
        let found = try errors(
            "config.linkerd.io/b: x",
            "linkerd.io/inject: x",
            "config.linkerd.io/a: x"
        )
        #expect(found.map(\.position?.line) == [5, 6, 7])
    }

    @Test func looksThroughMergeKeys() throws {
        let text = InjectorRun.pod(
            "  x: &x {config.linkerd.io/proxy-uid: x}\n  annotations: {<<: *x}\n"
        )
        #expect(try InjectorRun.inject(text).errors.map(\.position?.line) == [4])
    }

    @Test func warnsOnlyWhenLenient() throws {
        var options = InjectOptions()
        options.isLenient = true
        let text = InjectorRun.pod(annotations: "config.linkerd.io/proxy-lg-level: x")
        let outcome = try InjectorRun.inject(text, options)
        #expect(outcome.errors == [])
        #expect(
            outcome.entries[0].warnings.map(\.message) == [
                "\"config.linkerd.io/proxy-lg-level\" is no setting of the mesh; "
                    + "did you mean config.linkerd.io/proxy-log-level?"
            ]
        )
        #expect(outcome.entries[0].isChanged)
    }

    @Test func namesWhatToUseInsteadOfWhatIsGoingAway() throws {
        let text = InjectorRun.pod(annotations: "config.linkerd.io/init-image: x/y")
        #expect(
            try InjectorRun.warnings(text) == [
                "config.linkerd.io/init-image is going away; use config.linkerd.io/proxy-image"
            ]
        )
    }
}
