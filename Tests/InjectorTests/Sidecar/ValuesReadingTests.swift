// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import MeshModel
import Testing

/// The part of a Helm values file that a sidecar depends on.
@Suite("Values")
struct ValuesReadingTests {
    private func read(_ text: String) throws -> (values: MeshValues, errors: [ManifestError]) {
        let manifest = try Manifest(name: "values.yaml", bytes: Array(text.utf8))
        return ValuesReading.read(manifest, over: MeshValues())
    }

    @Test func takesWhatConcernsASidecar() throws {
        let (values, errors) = try read(
            """
            clusterDomain: example.net
            identityTrustDomain: mesh.example.net
            identityTrustAnchorsPEM: |
              -----BEGIN CERTIFICATE-----
            cniEnabled: true
            disableIPv6: false
            controllerReplicas: 3
            identity:
              issuer: {scheme: linkerd.io/tls}
            proxy:
              logLevel: debug
              await: false
              image: {name: example.org/p, version: "7"}
              ports: {admin: 5191}
              resources:
                cpu: {request: 100m}
              opaquePorts: "25,26"
              additionalEnv:
              - name: A
                value: "1"
            proxyInit:
              ignoreOutboundPorts: "1"
              runAsRoot: true
            """
        )
        #expect(errors == [])
        #expect(values.clusterDomain == "example.net")
        #expect(values.identityTrustDomain == "mesh.example.net")
        #expect(values.trustAnchors == "-----BEGIN CERTIFICATE-----\n")
        #expect(values.isCNIEnabled)
        #expect(!values.isIPv6Disabled)
        #expect(values.initRunsAsRoot)
        var options = try MeshedPod.options(values)
        options.sidecar?.values.isCNIEnabled = false
        let pod = try MeshedPod(MeshedPod.source(), options)
        #expect(pod.environment("LOG")?.hasPrefix("debug,") == true)
        #expect(pod.environment("ADMIN_LISTEN_ADDR") == "[::]:5191")
        #expect(pod.environment("OUTBOUND_LISTEN_ADDRS") == "127.0.0.1:4140,[::1]:4140")
        #expect(pod.environment("INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION") == "25,26")
        #expect(pod.environment("A") == "1")
        #expect(pod.argument("--outbound-ports-to-ignore") == "1")
        #expect(pod.argument("--ipv6=false") == nil)
        #expect(pod.json("initContainers", "linkerd-proxy", ["image"]) == #""example.org/p:7""#)
        #expect(pod.json("initContainers", "linkerd-proxy", ["startupProbe"]) == nil)
        #expect(
            pod.json("initContainers", "linkerd-proxy", ["resources"])
                == #"{"requests":{"cpu":"100m"}}"#
        )
    }

    @Test func losesToAFlagAndToAnAnnotation() throws {
        let (values, _) = try read("proxy: {logFormat: json, accessLog: json}")
        let flag = ("config.linkerd.io/access-log", "apache")
        let options = try MeshedPod.options(values, flags: [flag])
        let annotation = ("config.linkerd.io/proxy-log-format", "plain")
        let pod = try MeshedPod(MeshedPod.source(annotations: [annotation]), options)
        #expect(pod.environment("ACCESS_LOG") == "apache")
        #expect(pod.environment("LOG_FORMAT") == "plain")
    }

    @Test(arguments: [
        ("proxy: {loglevel: debug}", "1:9", "did you mean proxy.logLevel?"),
        ("clusterDomian: x", "1:1", "did you mean clusterDomain?"),
        ("\nnonsense: 1", "2:1", "remove it"),
        ("proxy:\n  ports:\n    admin: 70000", "3:12", nil),
        ("cniEnabled: maybe", "1:13", nil),
        ("proxy: debug", "1:8", nil),
        ("proxy: {logLevel: {a: 1}}", "1:19", nil),
        ("- a", "1:1", nil),
    ])
    func refusesWhatItDoesNotKnow(text: String, place: String, hint: String?) throws {
        let (_, errors) = try read(text)
        #expect(errors.count == 1)
        #expect(errors.first?.position?.description == place)
        if let hint { #expect(errors.first?.hint == hint) }
    }
}
