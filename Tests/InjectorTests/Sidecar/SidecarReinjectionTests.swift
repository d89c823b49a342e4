// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import MeshModel
import Testing

/// Once in, the sidecar is replaced or taken out whole, whatever form it had.
@Suite("Re-injection of sidecars")
struct SidecarReinjectionTests {
    private static let classic = (
        key: "config.linkerd.io/proxy-enable-native-sidecar", value: "false"
    )
    private static let debug = (key: "config.linkerd.io/enable-debug-sidecar", value: "true")

    /// The forms of a sidecar, and the annotation mode.
    enum Form: String, CaseIterable, Sendable {
        case annotated, native, classic, plugin, debug, ingress

        func options() throws -> InjectOptions {
            switch self {
            case .annotated: return InjectOptions()
            case .native: return try MeshedPod.options()
            case .classic: return try MeshedPod.options(flags: [SidecarReinjectionTests.classic])
            case .debug: return try MeshedPod.options(flags: [SidecarReinjectionTests.debug])
            case .plugin:
                var values = MeshValues()
                values.isCNIEnabled = true
                return try MeshedPod.options(values)
            case .ingress:
                var options = try MeshedPod.options()
                options.isIngress = true
                return options
            }
        }
    }

    static let sources: [String] = [
        MeshedPod.source(),
        "apiVersion: v1\nkind: Pod\nmetadata:\nspec:\n  containers:\n  - name: a\n  volumes: []\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec:\n  volumes:\n  containers:\n  - name: a",
        "kind: Pod\napiVersion: v1\nmetadata: {labels: {}, annotations: {}}\nspec:\n"
            + "    initContainers: null\n    containers:\n      - name: a\n",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"a\"}]}}",
        """
        {
          "kind": "Pod", "apiVersion": "v1",
          "metadata": {"name": "x", "labels": null},
          "spec": {
            "initContainers": [],
            "containers": [
              {"name": "a"}
            ],
            "volumes": [{"name": "v", "emptyDir": {}}]
          }
        }
        """,
        "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: x\r\nspec:\r\n  containers:\r\n"
            + "  # the app\r\n  - name: a # one\r\n  volumes:\r\n  - name: v\r\n# end",
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: x
          labels:
            app: x
        spec:
          containers:
          -
            # on a line of its own
            name: a
            command: [sh]
        """,
    ]

    @Test(arguments: sources, Form.allCases)
    func isTakenBackByteForByte(source: String, form: Form) throws {
        let pod = try MeshedPod(source, form.options())
        #expect(pod.outcome.errors == [])
        #expect(pod.outcome.splices != [])
        let back = Injector.uninject(pod.outcome.result)
        #expect(back.errors == [])
        #expect(String(decoding: back.result.source.bytes, as: UTF8.self) == source)
    }

    @Test(arguments: sources, Form.allCases)
    func changesNothingTheSecondTime(source: String, form: Form) throws {
        let options = try form.options()
        let once = Injector.inject(
            try Manifest(name: "x", bytes: Array(source.utf8)),
            options: options
        )
        let twice = Injector.inject(once.result, options: options)
        #expect(twice.errors == [])
        #expect(twice.splices == [])
        #expect(twice.result.source.bytes == once.result.source.bytes)
        #expect(twice.entries.map(\.isChanged) == [false])
    }

    /// From any form to any other is the same as going there at once.
    @Test(arguments: Form.allCases.filter { $0 != .annotated }, Form.allCases)
    func replacesOneFormByAnother(first: Form, second: Form) throws {
        let source = try Manifest(name: "x", bytes: Array(MeshedPod.source().utf8))
        let between = Injector.inject(source, options: try first.options())
        let after = Injector.inject(between.result, options: try second.options())
        let direct = Injector.inject(source, options: try second.options())
        #expect(after.errors == [])
        let text = String(decoding: after.result.source.bytes, as: UTF8.self)
        #expect(text == String(decoding: direct.result.source.bytes, as: UTF8.self))
        #expect(
            Splice.composing([], after.splices, on: between.result.source.bytes) == after.splices
        )
    }

    @Test func namesLinesOfTheUsersFileWhenItRefuses() throws {
        let once = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        let text = String(decoding: once.outcome.result.source.bytes, as: UTF8.self)
        let broken = text.replacing(
            "    - containerPort: 53\n",
            with: "    - containerPort: 4143\n"
        )
        .replacing("kind: Pod\n", with: "kind: Pod\n# a line\n")
        let lines = broken.split(separator: "\n", omittingEmptySubsequences: false)
        let place = try #require(
            lines.lastIndex { $0.contains("containerPort: 4143") && $0.hasPrefix("    - ") }
        )
        let again = try MeshedPod(broken, MeshedPod.options())
        let warning = try #require(
            again.outcome.entries.flatMap(\.warnings).first { $0.message.contains("4143") }
        )
        #expect(warning.position?.line == place + 1)
    }

    @Test func leavesAnotherMeshsSidecarAlone() throws {
        let source = """
            apiVersion: v1
            kind: Pod
            metadata:
              annotations:
                linkerd.io/created-by: linkerd/cli stable-2.14.0
            spec:
              containers:
              - name: linkerd-proxy
                image: cr.l5d.io/linkerd/proxy:stable-2.14.0
              - name: app

            """
        let pod = try MeshedPod(source, MeshedPod.options())
        #expect(pod.outcome.splices == [])
        #expect(pod.outcome.entries.first?.result == .skipped(.sidecar(container: "linkerd-proxy")))
        #expect(Injector.uninject(pod.outcome.original).splices == [])
    }

    @Test func keepsTheUsersOwnMeshLabel() throws {
        let source = """
            apiVersion: v1
            kind: Pod
            metadata:
              labels:
                linkerd.io/workload-ns: mine
            spec:
              containers:
              - name: app

            """
        let pod = try MeshedPod(source, MeshedPod.options())
        #expect(pod.label("linkerd.io/workload-ns") == "mine")
        #expect(Injector.uninject(pod.outcome.result).result.source.bytes == Array(source.utf8))
    }

    @Test(arguments: ["labels", "annotations"])
    func mergesWhatAnAliasStandsFor(field: String) throws {
        let source = """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              labels: &common
                app: x # shared
            spec:
              template:
                metadata:
                  \(field): *common # the same
                spec:
                  containers:
                  - name: app

            """
        let pod = try MeshedPod(source, MeshedPod.options())
        #expect(pod.outcome.errors == [])
        let text = String(decoding: pod.outcome.result.source.bytes, as: UTF8.self)
        #expect(text.contains("      \(field):\n        <<: *common # the same\n        "))
        #expect(Injector.uninject(pod.outcome.result).result.source.bytes == Array(source.utf8))
    }
}
