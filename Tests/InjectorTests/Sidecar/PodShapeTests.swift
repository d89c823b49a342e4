// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit
import MeshModel
import Testing

/// What a meshed pod looks like in each of its forms.
@Suite("Meshed pod")
struct PodShapeTests {
    private static let classic = (
        key: "config.linkerd.io/proxy-enable-native-sidecar", value: "false"
    )

    @Test func hasLinkerdsVariablesInLinkerdsOrder() throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(pod.environmentNames == ProxyVariables.names)
        #expect(pod.environmentNames.count == 54)
    }

    @Test func putsTheNativeSidecarBeforeTheUsersInitContainers() throws {
        let source = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              initContainers:
              # fetches the schema
              - name: migrate
                image: m:1
              containers:
              - name: app
                image: a:1

            """
        let pod = try MeshedPod(source, MeshedPod.options())
        #expect(pod.names(of: "initContainers") == ["linkerd-init", "linkerd-proxy", "migrate"])
        #expect(pod.names(of: "containers") == ["app"])
        #expect(pod.json("initContainers", "linkerd-proxy", ["restartPolicy"]) == #""Always""#)
        let classic = try MeshedPod(source, MeshedPod.options(flags: [Self.classic]))
        #expect(classic.names(of: "initContainers") == ["migrate", "linkerd-init"])
        #expect(classic.names(of: "containers") == ["linkerd-proxy", "app"])
    }

    @Test func holdsTheApplicationBackInClassicForm() throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options(flags: [Self.classic]))
        #expect(
            pod.json("containers", "linkerd-proxy", ["lifecycle"])
                == #"{"postStart":{"exec":{"command":["meshctl-proxy","await","--timeout=2m","#
                + #""--port=4191"]}}}"#
        )
        #expect(pod.json("containers", "linkerd-proxy", ["restartPolicy"]) == nil)
        let free = [Self.classic, ("config.linkerd.io/proxy-await", "disabled")]
        let last = try MeshedPod(MeshedPod.source(), MeshedPod.options(flags: free))
        #expect(last.names(of: "containers") == ["app", "linkerd-proxy"])
        #expect(last.json("containers", "linkerd-proxy", ["lifecycle"]) == nil)
    }

    @Test func validatesTheNetworkWhereAPluginRedirects() throws {
        var values = MeshValues()
        values.isCNIEnabled = true
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options(values))
        let names = ["linkerd-network-validator", "linkerd-proxy"]
        #expect(pod.names(of: "initContainers") == names)
        let rights = pod.json("initContainers", names[0], ["securityContext", "capabilities"])
        #expect(rights == #"{"drop":["ALL"]}"#)
        #expect(
            pod.json("initContainers", names[0], ["command"])
                == #"["meshctl-proxy","await-redirect"]"#
        )
    }

    /// Through `meshctl` it would have no rights left: with no-new-privileges only the first
    /// program has what its file says.
    @Test func startsTheRedirectAsTheContainersFirstProgram() throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(pod.json("initContainers", "linkerd-init", ["command"]) == #"["meshctl-init"]"#)
    }

    @Test func givesRightsToTheInitContainerOnly() throws {
        let debug = ("config.linkerd.io/enable-debug-sidecar", "true")
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options(flags: [debug]))
        let none = #""capabilities":{"drop":["ALL"]}"#
        let some = #""capabilities":{"add":["NET_ADMIN","NET_RAW"],"drop":["ALL"]}"#
        for (field, name, rights, user) in [
            ("initContainers", "linkerd-init", some, 65534),
            ("initContainers", "linkerd-proxy", none, 2102),
            ("containers", "linkerd-debug", none, 65534),
        ] {
            let context = try #require(pod.json(field, name, ["securityContext"]))
            for part in [
                #""allowPrivilegeEscalation":false"#, #""privileged":false"#,
                #""readOnlyRootFilesystem":true"#, #""runAsNonRoot":true"#,
                #""runAsUser":\#(user)"#, #""seccompProfile":{"type":"RuntimeDefault"}"#, rights,
            ] {
                #expect(context.contains(part), "\(name): \(part)")
            }
        }
    }

    /// A proxy with the application's rights would be a way around its own.
    @Test func copiesNothingOfTheApplicationsRights() throws {
        let source =
            MeshedPod.source() + """
                    securityContext:
                      privileged: true
                      capabilities:
                        add: [SYS_ADMIN]

                """
        let pod = try MeshedPod(source, MeshedPod.options())
        let context = try #require(pod.json("initContainers", "linkerd-proxy", ["securityContext"]))
        #expect(!context.contains("SYS_ADMIN"))
        #expect(context.contains(#""privileged":false"#))
    }

    @Test func hasItsVolumesAndMounts() throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(
            pod.names(of: "volumes") == ["linkerd-identity-end-entity", "linkerd-identity-token"]
        )
        #expect(
            pod.json("volumes", "linkerd-identity-end-entity", ["emptyDir"])
                == #"{"medium":"Memory"}"#
        )
        #expect(
            pod.json("volumes", "linkerd-identity-token", ["projected"])
                == #"{"sources":[{"serviceAccountToken":{"audience":"identity.l5d.io","#
                + #""expirationSeconds":86400,"path":"linkerd-identity-token"}}]}"#
        )
        #expect(
            pod.json("initContainers", "linkerd-proxy", ["volumeMounts"])
                == #"[{"mountPath":"/var/run/linkerd/identity/end-entity","#
                + #""name":"linkerd-identity-end-entity"},"#
                + #"{"mountPath":"/var/run/secrets/tokens","name":"linkerd-identity-token"}]"#
        )
    }

    @Test func namesItsPortsAndProbes() throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(
            pod.json("initContainers", "linkerd-proxy", ["ports"])
                == #"[{"containerPort":4143,"name":"linkerd-proxy"},"#
                + #"{"containerPort":4191,"name":"linkerd-admin"}]"#
        )
        #expect(
            pod.json("initContainers", "linkerd-proxy", ["livenessProbe"])
                == #"{"httpGet":{"path":"/live","port":4191},"initialDelaySeconds":10,"#
                + #""timeoutSeconds":1}"#
        )
        #expect(
            pod.json("initContainers", "linkerd-proxy", ["startupProbe"])
                == #"{"httpGet":{"path":"/ready","port":4191},"periodSeconds":1,"#
                + #""failureThreshold":120,"timeoutSeconds":1}"#
        )
    }

    @Test func listsInboundPortsByNumber() throws {
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(pod.environment("INBOUND_PORTS") == "9,80,8080")
    }

    @Test func saysWhichMeshAndWorkloadItBelongsTo() throws {
        let source = """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db, namespace: prod}
            spec:
              template:
                spec:
                  containers: [{name: pg, image: pg:1}]

            """
        var values = MeshValues()
        values.namespace = "mesh"
        values.identityTrustDomain = "example.org"
        let pod = try MeshedPod(source, MeshedPod.options(values))
        let manifest = pod.outcome.result
        let root = try #require(manifest.documents.first?.root)
        let labels = try #require(
            manifest.value(at: ["spec", "template", "metadata", "labels"], in: root)
        )
        #expect(
            try manifest.json(of: labels)
                == #"{"linkerd.io/control-plane-ns":"mesh","linkerd.io/workload-ns":"prod","#
                + #""linkerd.io/proxy-statefulset":"db"}"#
        )
        let text = String(decoding: manifest.source.bytes, as: UTF8.self)
        #expect(text.contains("linkerd-dst-headless.mesh.svc.cluster.local.:8086"))
        #expect(
            text.contains("linkerd-identity.mesh.serviceaccount.identity.mesh.example.org")
        )
    }

    @Test func setsTheDefaultContainerUnlessTheUserHas() throws {
        let key = "kubectl.kubernetes.io/default-container"
        let pod = try MeshedPod(MeshedPod.source(), MeshedPod.options())
        #expect(pod.annotation(key) == "app")
        let own = try MeshedPod(MeshedPod.source(annotations: [(key, "x")]), MeshedPod.options())
        #expect(own.annotation(key) == "x")
        let back = Injector.uninject(own.outcome.result)
        #expect(back.result.source.bytes == own.outcome.original.source.bytes)
    }

    @Test func tellsOfPodSecurityThatWouldRefuseThePod() throws {
        let namespace = """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: default
              labels: {pod-security.kubernetes.io/enforce: restricted}

            """
        let manifest = try Manifest(name: "ns.yaml", bytes: Array(namespace.utf8))
        var options = try MeshedPod.options()
        options.sidecar?.enforcedPodSecurity = PodSecurity.enforced(in: [manifest])
        let pod = try MeshedPod(MeshedPod.source(), options)
        let warnings = pod.outcome.entries.flatMap(\.warnings)
        #expect(warnings.contains { $0.message.contains("the pod would not start") })
        options.sidecar?.values.isCNIEnabled = true
        let plugin = try MeshedPod(MeshedPod.source(), options)
        #expect(
            !plugin.outcome.entries.flatMap(\.warnings).contains {
                $0.message.contains("NET_ADMIN")
            }
        )
    }

    @Test(arguments: [("Job", "batch/v1", true), ("Deployment", "apps/v1", false)])
    func warnsOfAClassicJob(kind: String, apiVersion: String, isWarned: Bool) throws {
        let source = """
            apiVersion: \(apiVersion)
            kind: \(kind)
            metadata: {name: x}
            spec: {template: {spec: {containers: [{name: a, image: a:1}]}}}

            """
        let pod = try MeshedPod(source, MeshedPod.options(flags: [Self.classic]))
        let warnings = pod.outcome.entries.flatMap(\.warnings)
        #expect(warnings.contains { $0.message.contains("ends only when") } == isWarned)
        let native = try MeshedPod(source, MeshedPod.options())
        #expect(native.outcome.entries.flatMap(\.warnings) == [])
    }
}

/// The contract: 54 variables, in this order.
enum ProxyVariables {
    static let names: [String] =
        ["name", "ns", "uid", "ip", "nodeName", "containerName"].map { "_pod_" + $0 }
        + [
            "CORES", "CORES_MIN", "SHUTDOWN_ENDPOINT_ENABLED", "LOG", "LOG_FORMAT",
            "DESTINATION_SVC_ADDR", "DESTINATION_PROFILE_NETWORKS", "POLICY_SVC_ADDR",
            "POLICY_WORKLOAD", "INBOUND_DEFAULT_POLICY", "POLICY_CLUSTER_NETWORKS",
            "CONTROL_STREAM_INITIAL_TIMEOUT", "CONTROL_STREAM_IDLE_TIMEOUT",
            "CONTROL_STREAM_LIFETIME", "INBOUND_CONNECT_TIMEOUT", "OUTBOUND_CONNECT_TIMEOUT",
            "OUTBOUND_DISCOVERY_IDLE_TIMEOUT", "INBOUND_DISCOVERY_IDLE_TIMEOUT",
            "CONTROL_LISTEN_ADDR", "ADMIN_LISTEN_ADDR", "OUTBOUND_LISTEN_ADDR",
            "OUTBOUND_LISTEN_ADDRS", "INBOUND_LISTEN_ADDR", "INBOUND_IPS", "INBOUND_PORTS",
            "DESTINATION_PROFILE_SUFFIXES", "INBOUND_ACCEPT_KEEPALIVE",
            "OUTBOUND_CONNECT_KEEPALIVE", "INBOUND_ACCEPT_USER_TIMEOUT",
            "OUTBOUND_CONNECT_USER_TIMEOUT", "OUTBOUND_METRICS_HOSTNAME_LABELS",
            "INBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL", "INBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT",
            "OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL",
            "OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT",
            "INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION", "DESTINATION_CONTEXT",
        ].map { "LINKERD2_PROXY_" + $0 } + ["_pod_sa", "_l5d_ns", "_l5d_trustdomain"]
        + [
            "IDENTITY_DIR", "IDENTITY_TRUST_ANCHORS", "IDENTITY_TOKEN_FILE", "IDENTITY_SVC_ADDR",
            "IDENTITY_LOCAL_NAME", "IDENTITY_SVC_NAME", "DESTINATION_SVC_NAME", "POLICY_SVC_NAME",
        ].map { "LINKERD2_PROXY_" + $0 }
}
