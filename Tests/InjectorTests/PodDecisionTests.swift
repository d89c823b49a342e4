// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

@Suite("Pod decision")
struct PodDecisionTests {
    private func decision(_ metadata: String, spec: String) throws -> PodDecision {
        let manifest = try InjectorRun.manifest(InjectorRun.pod(metadata, spec: spec))
        let object = try #require(manifest.objects().first)
        let template = try #require(PodTemplate(of: object, in: manifest))
        let owner = AnnotationOwner(manifest: manifest, node: template.node)
        return PodDecision(template: template, annotations: owner)
    }

    static let ofMesh = "  labels: {linkerd.io/control-plane-component: identity}\n"
    static let disabled = "  annotations: {linkerd.io/inject: disabled}\n"
    static let onHost = "hostNetwork: true"
    static let meshed = "containers: [{name: linkerd-proxy}]"

    /// Each reason hides those after it.
    @Test(arguments: [
        (ofMesh + disabled, "{\(onHost), \(meshed)}", SkipReason.controlPlane, 0),
        (disabled, "{\(onHost), \(meshed)}", .disabled, 1),
        ("", "{\(onHost), \(meshed)}", .hostNetwork, 2),
        ("", "{\(meshed)}", .sidecar(container: "linkerd-proxy"), 3),
    ])
    func givesTheFirstReason(metadata: String, spec: String, reason: SkipReason, passed: Int) throws
    {
        let decision = try decision("  name: web\n" + metadata, spec: spec)
        #expect(decision.skipReason == reason)
        #expect(decision.passedChecks.count == passed)
    }

    @Test(arguments: [
        "{}", "{hostNetwork: false}", "{hostNetwork: \"true\"}", "{hostNetwork: }",
        "{hostNetwork: 1}",
        "{containers: {name: linkerd-proxy}}", "{containers: [linkerd-proxy]}", "[]",
    ])
    func findsNothingAgainst(spec: String) throws {
        let decision = try decision("  name: web\n", spec: spec)
        #expect(decision.skipReason == nil)
        #expect(decision.passedChecks.count == 4)
    }

    @Test(arguments: ["enabled", "ingress", "Disabled", "\"\""])
    func takesOnlyDisabledForNo(value: String) throws {
        let metadata = "  annotations: {linkerd.io/inject: \(value)}\n"
        #expect(try decision(metadata, spec: "{}").skipReason == nil)
    }

    @Test func seesThroughMergeKeys() throws {
        let metadata = "  x: &off {linkerd.io/inject: disabled}\n  annotations: {<<: *off}\n"
        #expect(try decision(metadata, spec: "{}").skipReason == .disabled)
    }

    @Test(arguments: [
        "spec: {}", "spec: {template: }", "spec: {template: x}", "spec: {template: []}", "spec: x",
        "x: y",
    ])
    func isNotAskedWithoutATemplate(spec: String) throws {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\(spec)\n"
        #expect(try InjectorRun.entry(text).result == .skipped(.noTemplate))
        #expect(try InjectorRun.injected(text) == text)
    }
}

@Suite("Sidecar check")
struct SidecarCheckTests {
    private func check(_ spec: String, metadata: String = "  name: web\n") throws -> SidecarCheck {
        let manifest = try InjectorRun.manifest(InjectorRun.pod(metadata, spec: spec))
        let object = try #require(manifest.objects().first)
        return SidecarCheck(template: try #require(PodTemplate(of: object, in: manifest)))
    }

    @Test(
        arguments: ["containers", "initContainers"],
        [
            "name: linkerd-proxy", "name: linkerd-init", "name: istio-proxy", "name: istio-init",
            "name: kuma-sidecar", "name: x, image: \"cr.l5d.io/linkerd/proxy:edge\"",
            "name: x, image: \"gcr.io/istio-release/proxyv2:1\"",
            "name: x, image: \"docker.io/istio/proxyv2:1\"",
            "name: x, image: \"ghcr.io/meshctl/meshctl:0.1.0\"",
        ]
    )
    func findsAMesh(field: String, container: String) throws {
        let found = try check("{\(field): [{name: app}, {\(container)}]}").meshContainer()
        #expect(found != nil)
        #expect(found?.name != "app")
    }

    @Test(arguments: [
        "name: linkerd-proxy-helper", "name: Istio-Proxy", "name: x, image: \"linkerd/proxy:1\"",
        "name: x, image: \"example.com/cr.l5d.io/linkerd/proxy:1\"",
    ])
    func findsNoMesh(container: String) throws {
        #expect(try check("{containers: [{\(container)}]}").meshContainer() == nil)
    }

    @Test(arguments: [
        ("envoyproxy/envoy:v1", true), ("docker.io/envoyproxy/envoy-distroless:v1@sha256:0", true),
        ("example.com/envoy-gateway:v1", false), ("example.com/app@sha256:0/envoy:1", false),
    ])
    func tellsAnEnvoyOfThePodsOwn(image: String, isProxy: Bool) throws {
        let spec = "{containers: [{name: front, image: \"\(image)\"}]}"
        #expect(try (check(spec).ownProxy() != nil) == isProxy)
    }

    @Test(arguments: [
        ("annotations", "dapr.io/enabled", "\"true\"", true),
        ("labels", "sidecar.istio.io/inject", "\"true\"", true),
        ("labels", "kuma.io/sidecar-injection", "enabled", true),
        ("annotations", "consul.hashicorp.com/connect-inject", "\"true\"", true),
        ("annotations", "sidecar.istio.io/inject", "\"false\"", false),
        ("labels", "dapr.io/enabled", "\"true\"", false),
    ])
    func tellsAnotherInjector(field: String, key: String, value: String, isAsked: Bool) throws {
        let found = try check("{}", metadata: "  \(field): {\(key): \(value)}\n").otherInjector()
        #expect(found == (isAsked ? key : nil))
    }
}
