// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

/// What Linkerd's inject is known to get wrong, and ours must not.
@Suite("Upstream defects")
struct UpstreamDefectTests {
    /// Everything that a trip through typed objects and an emitter loses.
    static let delicate = #"""
        # head
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          creationTimestamp: null
          name: web
          labels: {y: "1", n: "2", on: "3", no: '4'}
        spec:
          unknownField: kept
          replicas: 0
          strategy: {}
          template:
            metadata:
              labels: &labels
                version: 1.10
                build: 017
                when: 1:20
            spec:
              hostNetwork: false
              volumes:
              - name: v
                secret: {defaultMode: 0644}
              containers:
              - name: web
                env: [{name: A, value: ""}, {name: B, value: "1e3"}]
                args:
                - "tab\there"
                - >
                  folded

                  text
                - |-
                  trailing space 
                resources: {limits: {cpu: 0.5, memory: 0.5Gi}}
                ports: [{containerPort: 0x50}]
        status: {}
        # foot
        """# + "\n"

    @Test func keepsEveryByteThatIsNotItsOwn() throws {
        let result = try InjectorRun.injected(Self.delicate)
        let added = "      annotations:\n        linkerd.io/inject: enabled\n"
        let place = "    metadata:\n      labels: &labels\n"
        #expect(
            result
                == Self.delicate.replacing(
                    place,
                    with: place.replacing("      labels", with: added + "      labels")
                )
        )
        #expect(result.utf8.count == Self.delicate.utf8.count + added.utf8.count)
    }

    @Test(arguments: [
        "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {template: {spec: {}}}\n",
        "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nspec: {tasks: [{replicas: 1}]}\n",
        "apiVersion: apps.kruise.io/v1beta1\nkind: StatefulSet\nspec: {template: {spec: {}}}\n",
    ])
    func passesForeignGroupsThrough(text: String) throws {
        let options = try InjectorRun.options(["opaque-ports": "80", "proxy-log-level": "debug"])
        #expect(try InjectorRun.injected(text, options) == text)
    }

    @Test func keepsTheDocumentAfterAnEndMarker() throws {
        let text = InjectorRun.pod() + "...\n---\n" + InjectorRun.pod()
        #expect(try InjectorRun.inject(text).entries.map(\.isChanged) == [true, true])
        let stream =
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}\n"
        #expect(try InjectorRun.inject(stream).entries.map(\.isChanged) == [true, true])
    }

    @Test func addsNoSeparatorAndNoFinalLineBreak() throws {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web"
        let result = try InjectorRun.injected(text)
        #expect(result.hasSuffix("  name: web"))
        #expect(!result.contains("---"))
    }

    @Test func doesNotSplitAtASeparatorInsideText() throws {
        let text = InjectorRun.pod("  annotations:\n    a: |\n      b\n      ---\n      c\n")
        #expect(try InjectorRun.inject(text).entries.count == 1)
    }

    @Test func refusesDuplicateKeysInsteadOfGuessing() throws {
        let text = InjectorRun.pod("  name: a\n  name: b\n")
        #expect(try InjectorRun.inject(text).errors.map(\.code) == [.duplicateKey])
    }

    /// Defect 4: the annotation and what holds must not disagree.
    @Test func doesNotOverwriteAnAnnotationThatWins() throws {
        let text = InjectorRun.pod(annotations: "config.linkerd.io/proxy-log-level: info")
        let options = try InjectorRun.options(["proxy-log-level": "debug"])
        #expect(try InjectorRun.injected(text, options).contains("proxy-log-level: info\n"))
    }

    /// Defects 5 and 6.
    @Test func skipsADisabledWorkloadWhateverElseIsSaid() throws {
        let text = InjectorRun.pod(
            "  annotations: {linkerd.io/inject: disabled}\n",
            spec: "{hostNetwork: true, containers: [{name: linkerd-proxy, "
                + "ports: [{containerPort: 53, protocol: UDP}]}]}"
        )
        let options = try InjectorRun.options(["proxy-log-level": "debug"])
        let outcome = try InjectorRun.inject(text, options)
        #expect(outcome.errors == [])
        #expect(outcome.entries.map(\.result) == [.skipped(.disabled)])
        #expect(outcome.entries.map(\.isChanged) == [false])
        #expect(outcome.entries[0].warnings == [])
        #expect(outcome.splices == [])
    }

    /// Defect 7.
    @Test(arguments: ["disabled", "ingress"])
    func doesNotFlipANamespace(mode: String) throws {
        let text =
            "apiVersion: v1\nkind: Namespace\n"
            + "metadata: {name: shop, annotations: {linkerd.io/inject: \(mode)}}\n"
        #expect(try InjectorRun.injected(text) == text)
    }

    @Test func uninjectKeepsTheUsersOwnWords() throws {
        let text = InjectorRun.deployment(
            "    metadata:\n      labels: {linkerd.io/mine: a}\n      annotations:\n"
                + "        linkerd.io/inject: enabled\n        linkerd.io/own: b\n"
                + "        config.linkerd.io/proxy-log-level: debug\n",
            annotations: "linkerd.io/inject: enabled"
        )
        let expected = text.replacing("        linkerd.io/inject: enabled\n", with: "")
        #expect(try InjectorRun.uninjected(text) == expected)
    }
}
