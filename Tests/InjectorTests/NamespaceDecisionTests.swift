// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

@Suite("Namespaces and services")
struct NamespaceDecisionTests {
    private func namespace(_ metadata: String) -> String {
        "apiVersion: v1\nkind: Namespace\nmetadata: {\(metadata)}\n"
    }

    @Test(arguments: ["name: kube-system", "name: cert-manager"])
    func areLeftOutByName(metadata: String) throws {
        let entry = try InjectorRun.entry(namespace(metadata))
        guard case .skipped(.excludedNamespace) = entry.result else {
            Issue.record("\(entry.result)")
            return
        }
        #expect(entry.isMissed)
    }

    @Test func areLeftOutByLabelBeforeAnythingElse() throws {
        let text = namespace(
            "name: kube-system, labels: {config.linkerd.io/admission-webhooks: disabled}, "
                + "annotations: {linkerd.io/inject: disabled}"
        )
        let message = try InjectorRun.entry(text).result
        let why =
            "its label config.linkerd.io/admission-webhooks is disabled, "
            + "so the webhook never sees its pods"
        #expect(message == .skipped(.excludedNamespace(why: why)))
    }

    @Test func areLeftOutByAnnotation() throws {
        let text = namespace("name: shop, annotations: {linkerd.io/inject: disabled}")
        #expect(try InjectorRun.entry(text).result == .skipped(.disabled))
        #expect(try InjectorRun.injected(text) == text)
    }

    @Test(arguments: [
        "name: kube-public", "name: linkerd", "name: shop, labels: {linkerd.io/inject: disabled}",
        "name: shop, labels: {config.linkerd.io/admission-webhooks: enabled}",
    ])
    func areMarkedOtherwise(metadata: String) throws {
        let entry = try InjectorRun.entry(namespace(metadata))
        #expect(entry.result == .annotated)
        #expect(entry.additions == ["linkerd.io/inject: enabled"])
    }

    @Test func getOnlyWhatPodsInherit() throws {
        let options = try InjectorRun.options([
            "proxy-log-level": "debug", "close-wait-timeout": "5s", "debug-image": "x/y",
        ])
        let entry = try InjectorRun.entry(namespace("name: shop"), options)
        #expect(
            entry.additions == [
                "linkerd.io/inject: enabled", "config.linkerd.io/proxy-log-level: debug",
            ]
        )
    }

    @Test func ofServicesOnlyOpaquePortsAreTold() throws {
        let text = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\n"
        let options = try InjectorRun.options([
            "opaque-ports": "3306", "proxy-log-level": "debug", "skip-inbound-ports": "22",
        ])
        let entry = try InjectorRun.entry(text, options)
        #expect(entry.result == .annotated)
        #expect(entry.additions == ["config.linkerd.io/opaque-ports: 3306"])
        let other = try InjectorRun.entry(text, InjectorRun.options(["proxy-log-level": "debug"]))
        #expect(other.result == .skipped(.nothingToAnnotate))
        #expect(!other.isMissed)
    }

    @Test func ofServicesBadAnnotationsAreRefusedEvenWhenThereIsNothingToSay() throws {
        let text =
            "apiVersion: v1\nkind: Service\n"
            + "metadata: {annotations: {config.linkerd.io/opaque-ports: 0-99999}}\n"
        #expect(try InjectorRun.inject(text).errors.map(\.code) == [.badValue])
    }
}
