// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import MeshModel
import Testing

/// Every setting, as an annotation, as a flag, as a value, right, wrong and absent.
@Suite("Sidecar settings")
struct SettingTests {
    /// What a pod has where a setting shows.
    private func found(_ place: SettingCase.Place, in pod: MeshedPod) -> String? {
        switch place {
        case .environment(let name): pod.environment(name)
        case .argument(let flag): pod.argument(flag)
        case .proxy(let path):
            pod.json("initContainers", "linkerd-proxy", path)
                ?? pod.json("containers", "linkerd-proxy", path)
        case .initContainer(let path): pod.json("initContainers", "linkerd-init", path)
        case .debug(let path): pod.json("containers", "linkerd-debug", path)
        case .list:
            ["initContainers", "containers"].first { pod.names(of: $0).contains("linkerd-proxy") }
        }
    }

    @Test(arguments: SettingCase.all)
    func holdsByDefault(row: SettingCase) throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(pod.outcome.errors == [])
        #expect(found(row.place, in: pod) == row.byDefault)
    }

    @Test(arguments: SettingCase.all)
    func followsThePodsAnnotation(row: SettingCase) throws {
        let source = MeshedPod.source(annotations: [(row.key, row.value)])
        let pod = try MeshedPod(source, MeshedPod.options())
        #expect(pod.outcome.errors == [])
        #expect(found(row.place, in: pod) == row.expected)
        #expect(pod.annotation(row.key) == row.value)
    }

    @Test(arguments: SettingCase.all.filter { $0.key != "linkerd.io/inject" })
    func followsAFlagAndSaysSoInAnAnnotation(row: SettingCase) throws {
        let options = try MeshedPod.options(flags: [(row.key, row.value)])
        let pod = try MeshedPod(MeshedPod.source(), options)
        #expect(pod.outcome.errors == [])
        #expect(found(row.place, in: pod) == row.expected)
        #expect(pod.annotation(row.key) == row.value)
    }

    @Test(arguments: SettingCase.all.filter { $0.key != "linkerd.io/inject" })
    func putsTheAnnotationBeforeTheFlag(row: SettingCase) throws {
        let spec = try #require(AnnotationCatalog.spec(forKey: row.key))
        let usual = spec.defaultValue.flatMap { $0.isEmpty ? nil : $0 }
        guard let usual else { return }
        let options = try MeshedPod.options(flags: [(row.key, row.value)])
        let pod = try MeshedPod(MeshedPod.source(annotations: [(row.key, usual)]), options)
        #expect(found(row.place, in: pod) == row.byDefault)
        #expect(pod.annotation(row.key) == usual)
        let entry = try #require(pod.outcome.entries.first)
        #expect(entry.warnings.contains { $0.message.contains("stays \"\(usual)\"") })
    }

    @Test(arguments: SettingCase.all)
    func refusesAWrongValueWithItsPlace(row: SettingCase) throws {
        let source = MeshedPod.source(annotations: [(row.key, row.invalid)])
        let pod = try MeshedPod(source, MeshedPod.options())
        let error = try #require(pod.outcome.errors.first)
        #expect(pod.outcome.errors.count == 1)
        #expect(error.code == .badValue)
        #expect(error.position?.line == 6)
        #expect(error.message.hasPrefix(row.key + ": "))
        #expect(pod.outcome.splices == [])
    }

    @Test(arguments: SettingCase.all.filter { $0.key != "linkerd.io/inject" })
    func warnsOfAWrongValueWhereThatIsEnough(row: SettingCase) throws {
        var options = try MeshedPod.options()
        options.isLenient = true
        let source = MeshedPod.source(annotations: [(row.key, row.invalid)])
        let pod = try MeshedPod(source, options)
        #expect(pod.outcome.errors == [])
        #expect(found(row.place, in: pod) == row.byDefault)
        let entry = try #require(pod.outcome.entries.first)
        #expect(entry.warnings.contains { $0.message.hasPrefix(row.key + ": ") })
    }

    /// The table has a row for every annotation, but for those that show only together with others.
    @Test func leavesNoAnnotationOut() {
        let together: Set<String> = [
            "linkerd.io/proxy-retry-budget", "config.linkerd.io/debug-image",
            "config.linkerd.io/debug-image-version", "config.linkerd.io/debug-image-pull-policy",
            "config.linkerd.io/init-image", "config.linkerd.io/init-image-version",
            "config.alpha.linkerd.io/proxy-wait-before-exit-seconds",
            "config.linkerd.io/close-wait-timeout",
        ]
        let rows = Set(SettingCase.all.map(\.key))
        let missing = AnnotationCatalog.all.map(\.key).filter {
            !rows.contains($0) && !together.contains($0)
        }
        #expect(missing == [])
    }

    @Test func prefersTheStableNameOfNativeSidecar() throws {
        let names = [
            "config.alpha.linkerd.io/", "config.beta.linkerd.io/", "config.linkerd.io/",
        ].map { $0 + "proxy-enable-native-sidecar" }
        let values = [(names[0], "true"), (names[1], "true"), (names[2], "false")]
        let pod = try MeshedPod(MeshedPod.source(annotations: values), MeshedPod.options())
        #expect(pod.names(of: "containers") == ["linkerd-proxy", "app"])
        let older = try MeshedPod(
            MeshedPod.source(annotations: [(names[0], "true"), (names[1], "false")]),
            MeshedPod.options()
        )
        #expect(older.names(of: "containers") == ["linkerd-proxy", "app"])
    }

    @Test func configuresTheDebugContainer() throws {
        let source = MeshedPod.source(annotations: [
            ("config.linkerd.io/enable-debug-sidecar", "true"),
            ("config.linkerd.io/debug-image", "example.org/debug"),
            ("config.linkerd.io/debug-image-version", "7"),
            ("config.linkerd.io/debug-image-pull-policy", "Never"),
        ])
        let pod = try MeshedPod(source, MeshedPod.options())
        #expect(pod.names(of: "containers") == ["app", "linkerd-debug"])
        #expect(pod.json("containers", "linkerd-debug", ["image"]) == #""example.org/debug:7""#)
        #expect(pod.json("containers", "linkerd-debug", ["imagePullPolicy"]) == #""Never""#)
    }

    @Test func waitsBeforeExitOnlyInClassicForm() throws {
        let wait = ("config.alpha.linkerd.io/proxy-wait-before-exit-seconds", "5")
        let native = try MeshedPod(MeshedPod.source(annotations: [wait]), MeshedPod.options())
        #expect(native.json("initContainers", "linkerd-proxy", ["lifecycle"]) == nil)
        let classic = ("config.linkerd.io/proxy-enable-native-sidecar", "false")
        let pod = try MeshedPod(
            MeshedPod.source(annotations: [wait, classic]),
            MeshedPod.options()
        )
        #expect(
            pod.json("containers", "linkerd-proxy", ["lifecycle", "preStop"])
                == #"{"sleep":{"seconds":5}}"#
        )
    }

    @Test func refusesCloseWaitUnlessRootIsAllowed() throws {
        let source = MeshedPod.source(annotations: [("config.linkerd.io/close-wait-timeout", "1m")])
        let refused = try MeshedPod(source, MeshedPod.options())
        #expect(refused.outcome.errors.first?.hint?.contains("proxyInit.runAsRoot") == true)
        var values = MeshValues()
        values.initRunsAsRoot = true
        let pod = try MeshedPod(source, MeshedPod.options(values))
        #expect(pod.argument("--timeout-close-wait-secs") == "60")
        let rights = try #require(pod.json("initContainers", "linkerd-init", ["securityContext"]))
        #expect(rights.contains(#""privileged":true"#))
        #expect(rights.contains(#""runAsUser":0"#))
    }

    @Test(arguments: [
        ([("proxy-cpu-limit", "100m"), ("proxy-cpu-request", "200m")], "cpu limit 100m is less"),
        ([("proxy-memory-limit", "1Mi"), ("proxy-memory-request", "1Gi")], "memory limit 1Mi"),
        ([("admin-port", "4143")], "inbound and admin port are both 4143"),
    ])
    func refusesSettingsThatContradict(settings: [(String, String)], message: String) throws {
        let annotations = settings.map { ("config.linkerd.io/" + $0.0, $0.1) }
        let pod = try MeshedPod(MeshedPod.source(annotations: annotations), MeshedPod.options())
        #expect(pod.outcome.errors.count == 1)
        #expect(pod.outcome.errors.first?.message.contains(message) == true)
    }
}
