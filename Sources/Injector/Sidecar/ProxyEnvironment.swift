// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The environment of the proxy's container: Linkerd's variables in Linkerd's order.
struct ProxyEnvironment {
    let settings: SidecarSettings
    let ports: PodPorts
    private var values: MeshValues { settings.values }

    func variables() -> [NewNode] {
        var writer = EnvironmentWriter()
        setPodFields(&writer)
        setRuntime(&writer)
        setControlPlane(&writer)
        setTimeouts(&writer)
        setListeners(&writer)
        setTraffic(&writer)
        setIdentity(&writer)
        writer.set("ACCESS_LOG", nonEmpty(settings.config("access-log")))
        writer.set("SHUTDOWN_GRACE_PERIOD", milliseconds("shutdown-grace-period"))
        writer.append(settings.additionalEnvironment())
        return writer.variables
    }

    /// The fields that later values refer to as `$(_pod_name)`.
    private func setPodFields(_ writer: inout EnvironmentWriter) {
        writer.setPlain("_pod_name", field: "metadata.name")
        writer.setPlain("_pod_ns", field: "metadata.namespace")
        writer.setPlain("_pod_uid", field: "metadata.uid")
        writer.setPlain("_pod_ip", field: "status.podIP")
        writer.setPlain("_pod_nodeName", field: "spec.nodeName")
        writer.setPlain("_pod_containerName", SidecarName.proxy)
    }

    private func setRuntime(_ writer: inout EnvironmentWriter) {
        let requested = settings.quantity("proxy-cpu-request").map { "\($0.ceilingWholeUnits)" }
        writer.set("CORES", requested ?? "1")
        writer.set("CORES_MIN", requested ?? "1")
        let limit = settings.quantity("proxy-cpu-limit")
        writer.set("CORES_MAX", limit.map { "\($0.ceilingWholeUnits)" })
        writer.set("CORES_MAX_RATIO", nonEmpty(settings.config("proxy-cpu-ratio-limit")))
        writer.set(
            "INBOUND_PORTS_REQUIRE_IDENTITY",
            nonEmpty(settings.config("proxy-require-identity-inbound-ports"))
        )
        writer.set("SHUTDOWN_ENDPOINT_ENABLED", "\(settings.isEnabled("proxy-admin-shutdown"))")
        let redacts = settings.config("proxy-log-http-headers") != "insecure"
        let redaction = redacts ? ",[{headers}]=off,[{request}]=off" : ""
        writer.set("LOG", settings.config("proxy-log-level") + redaction)
        writer.set("LOG_FORMAT", settings.config("proxy-log-format"))
    }

    private func setControlPlane(_ writer: inout EnvironmentWriter) {
        writer.set("DESTINATION_SVC_ADDR", values.serviceHost("linkerd-dst-headless") + ":8086")
        writer.set("DESTINATION_PROFILE_NETWORKS", values.clusterNetworks)
        writer.set("POLICY_SVC_ADDR", values.serviceHost("linkerd-policy") + ":8090")
        writer.set("POLICY_WORKLOAD", #"{"ns":"$(_pod_ns)", "pod":"$(_pod_name)"}"#)
        writer.set("INBOUND_DEFAULT_POLICY", settings.config("default-inbound-policy"))
        writer.set("POLICY_CLUSTER_NETWORKS", values.clusterNetworks)
        writer.set("CONTROL_STREAM_INITIAL_TIMEOUT", "3s")
        writer.set("CONTROL_STREAM_IDLE_TIMEOUT", "5m")
        writer.set("CONTROL_STREAM_LIFETIME", "1h")
    }

    private func setTimeouts(_ writer: inout EnvironmentWriter) {
        writer.set("INBOUND_CONNECT_TIMEOUT", milliseconds("proxy-inbound-connect-timeout"))
        writer.set("OUTBOUND_CONNECT_TIMEOUT", milliseconds("proxy-outbound-connect-timeout"))
        for direction in ["outbound", "inbound"] {
            writer.set(
                direction.uppercased() + "_DISCOVERY_IDLE_TIMEOUT",
                seconds("proxy-\(direction)-discovery-cache-unused-timeout")
            )
        }
        for direction in ["outbound", "inbound"]
        where settings.flag("proxy-disable-\(direction)-protocol-detect-timeout") {
            writer.set(direction.uppercased() + "_DETECT_TIMEOUT", "365d")
        }
    }

    private func setListeners(_ writer: inout EnvironmentWriter) {
        let any = values.isIPv6Disabled ? "0.0.0.0" : "[::]"
        writer.set("CONTROL_LISTEN_ADDR", "\(any):\(settings.controlPort)")
        writer.set("ADMIN_LISTEN_ADDR", "\(any):\(settings.adminPort)")
        let loopback = "127.0.0.1:\(settings.outboundPort)"
        let loopback6 = values.isIPv6Disabled ? "" : ",[::1]:\(settings.outboundPort)"
        writer.set("OUTBOUND_LISTEN_ADDR", loopback)
        writer.set("OUTBOUND_LISTEN_ADDRS", loopback + loopback6)
        writer.set("INBOUND_LISTEN_ADDR", "\(any):\(settings.inboundPort)")
        writer.set("INBOUND_IPS", field: "status.podIPs")
        writer.set("INBOUND_PORTS", inboundPorts)
        let suffix = "svc.\(values.clusterDomain)."
        writer.set("INBOUND_GATEWAY_SUFFIXES", settings.flag("enable-gateway") ? suffix : nil)
        writer.set("INGRESS_MODE", settings.isIngress ? "true" : nil)
        writer.set(
            "DESTINATION_PROFILE_SUFFIXES",
            settings.flag("enable-external-profiles") ? "." : suffix
        )
    }

    /// The author's list, or what the containers declare.
    private var inboundPorts: String {
        settings.explicit(AnnotationKey.configPrefix + "pod-inbound-ports")
            .flatMap { try? PortList(parsing: $0).description } ?? ports.inbound().description
    }

    private func setTraffic(_ writer: inout EnvironmentWriter) {
        writer.set("INBOUND_ACCEPT_KEEPALIVE", "10000ms")
        writer.set("OUTBOUND_CONNECT_KEEPALIVE", "10000ms")
        writer.set("INBOUND_ACCEPT_USER_TIMEOUT", "30s")
        writer.set("OUTBOUND_CONNECT_USER_TIMEOUT", "30s")
        writer.set(
            "OUTBOUND_METRICS_HOSTNAME_LABELS",
            "\(settings.flag("proxy-metrics-hostname-labels"))"
        )
        for direction in ["INBOUND", "OUTBOUND"] {
            writer.set("\(direction)_SERVER_HTTP2_KEEP_ALIVE_INTERVAL", "10s")
            writer.set("\(direction)_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT", "3s")
        }
        writer.set(
            "INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION",
            ports.resolving(settings.ports(AnnotationKey.opaquePorts)).list.description
        )
        writer.set(
            "DESTINATION_CONTEXT",
            #"{"ns":"$(_pod_ns)", "nodeName":"$(_pod_nodeName)", "pod":"$(_pod_name)"}"#
        )
    }

    private func setIdentity(_ writer: inout EnvironmentWriter) {
        writer.setPlain("_pod_sa", field: "spec.serviceAccountName")
        writer.setPlain("_l5d_ns", values.namespace)
        writer.setPlain("_l5d_trustdomain", values.trustDomain)
        writer.set("IDENTITY_DIR", SidecarVolumes.identityPath)
        writer.set("IDENTITY_TRUST_ANCHORS", values.trustAnchors)
        writer.set(
            "IDENTITY_TOKEN_FILE",
            SidecarVolumes.tokenPath + "/" + SidecarVolumes.tokenName
        )
        writer.set("IDENTITY_SVC_ADDR", values.serviceHost("linkerd-identity-headless") + ":8080")
        writer.set(
            "IDENTITY_LOCAL_NAME",
            "$(_pod_sa).$(_pod_ns).serviceaccount.identity."
                + "\(values.namespace).\(values.trustDomain)"
        )
        writer.set("IDENTITY_SVC_NAME", values.controlPlaneIdentity("linkerd-identity"))
        writer.set("DESTINATION_SVC_NAME", values.controlPlaneIdentity("linkerd-destination"))
        writer.set("POLICY_SVC_NAME", values.controlPlaneIdentity("linkerd-destination"))
    }

    private func nonEmpty(_ text: String) -> String? { text.isEmpty ? nil : text }

    private func milliseconds(_ name: String) -> String? {
        settings.duration(AnnotationKey.configPrefix + name).map { "\($0.wholeMilliseconds)ms" }
    }

    private func seconds(_ name: String) -> String? {
        settings.duration(AnnotationKey.configPrefix + name).map { "\($0.wholeSeconds)s" }
    }
}
