// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// The keys of Linkerd's Helm values that concern a sidecar.
enum ValuesKeys {
    /// Keys whose own keys are looked at.
    static let groups: Set<String> = [
        "proxy", "proxy.image", "proxy.ports", "proxy.resources", "proxy.resources.cpu",
        "proxy.resources.memory", "proxy.resources.ephemeral-storage", "proxy.metrics",
        "proxyInit", "debugContainer", "debugContainer.image",
    ]

    /// Texts that are no setting of a single pod.
    static let fields: [String: any WritableKeyPath<MeshValues, String> & Sendable] = [
        "clusterDomain": \.clusterDomain,
        "clusterNetworks": \.clusterNetworks,
        "identityTrustAnchorsPEM": \.trustAnchors,
        "identityTrustDomain": \.identityTrustDomain,
    ]

    /// Switches that are no setting of a single pod.
    static let booleans: [String: any WritableKeyPath<MeshValues, Bool> & Sendable] = [
        "cniEnabled": \.isCNIEnabled,
        "disableIPv6": \.isIPv6Disabled,
        "proxyInit.runAsRoot": \.initRunsAsRoot,
    ]

    /// Settings, each by the annotation that a pod could have in its place.
    static let settings: [String: String] = {
        var keys = [
            "proxy.waitBeforeExitSeconds":
                AnnotationKey.alphaPrefix + "proxy-wait-before-exit-seconds"
        ]
        for (key, name) in names { keys[key] = AnnotationKey.configPrefix + name }
        for resource in ["cpu", "memory", "ephemeral-storage"] {
            for bound in ["request", "limit"] {
                keys["proxy.resources.\(resource).\(bound)"] =
                    AnnotationKey.configPrefix + "proxy-\(resource)-\(bound)"
            }
        }
        return keys
    }()

    private static let names: [String: String] = [
        "imagePullPolicy": "image-pull-policy",
        "linkerdVersion": "proxy-version",
        "proxy.image.name": "proxy-image",
        "proxy.image.version": "proxy-version",
        "proxy.image.pullPolicy": "image-pull-policy",
        "proxy.logLevel": "proxy-log-level",
        "proxy.logFormat": "proxy-log-format",
        "proxy.logHTTPHeaders": "proxy-log-http-headers",
        "proxy.accessLog": "access-log",
        "proxy.uid": "proxy-uid",
        "proxy.gid": "proxy-gid",
        "proxy.ports.control": "control-port",
        "proxy.ports.admin": "admin-port",
        "proxy.ports.inbound": "inbound-port",
        "proxy.ports.outbound": "outbound-port",
        "proxy.requireIdentityOnInboundPorts": "proxy-require-identity-inbound-ports",
        "proxy.enableExternalProfiles": "enable-external-profiles",
        "proxy.outboundConnectTimeout": "proxy-outbound-connect-timeout",
        "proxy.inboundConnectTimeout": "proxy-inbound-connect-timeout",
        "proxy.outboundDiscoveryCacheUnusedTimeout":
            "proxy-outbound-discovery-cache-unused-timeout",
        "proxy.inboundDiscoveryCacheUnusedTimeout": "proxy-inbound-discovery-cache-unused-timeout",
        "proxy.disableOutboundProtocolDetectTimeout":
            "proxy-disable-outbound-protocol-detect-timeout",
        "proxy.disableInboundProtocolDetectTimeout":
            "proxy-disable-inbound-protocol-detect-timeout",
        "proxy.opaquePorts": "opaque-ports",
        "proxy.await": "proxy-await",
        "proxy.nativeSidecar": "proxy-enable-native-sidecar",
        "proxy.shutdownGracePeriod": "shutdown-grace-period",
        "proxy.enableShutdownEndpoint": "proxy-admin-shutdown",
        "proxy.defaultInboundPolicy": "default-inbound-policy",
        "proxy.metrics.hostnameLabels": "proxy-metrics-hostname-labels",
        "proxy.additionalEnv": "proxy-additional-env",
        "proxyInit.ignoreInboundPorts": "skip-inbound-ports",
        "proxyInit.ignoreOutboundPorts": "skip-outbound-ports",
        "proxyInit.skipSubnets": "skip-subnets",
        "proxyInit.closeWaitTimeoutSecs": "close-wait-timeout",
        "debugContainer.image.name": "debug-image",
        "debugContainer.image.version": "debug-image-version",
        "debugContainer.image.pullPolicy": "debug-image-pull-policy",
    ]

    /// The first words of keys about the control plane alone, which a sidecar does not see.
    private static let controlPlane = [
        "cliVersion", "controller", "deploymentStrategy", "destination", "disableHeartBeat",
        "egress", "enableEndpointSlices", "enableH2Upgrade", "enablePodAntiAffinity",
        "enablePodDisruptionBudget", "heartbeat", "highAvailability", "identity",
        "imagePullSecrets", "networkValidator", "nodeAffinity", "nodeSelector", "podAnnotations",
        "podLabels", "podMonitor", "policyController", "policyValidator", "priorityClassName",
        "profileValidator", "prometheusUrl", "proxyContainerName", "proxyInjector",
        "revisionHistoryLimit", "spValidator", "tolerations", "webhookFailurePolicy",
        "runtimeClassName",
        "commonLabels", "configReaders", "kubeAPI", "linkerdCNI", "grafana", "tracing",
    ]

    /// Whether a key at the top is about the control plane.
    static func isOfControlPlane(_ key: String) -> Bool {
        guard fields[key] == nil else { return false }
        return controlPlane.contains { key.hasPrefix($0) }
    }

    /// Every key that is looked at.
    static var all: [String] {
        Array(groups) + fields.keys + booleans.keys + settings.keys
    }
}
