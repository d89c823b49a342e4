// SPDX-License-Identifier: Apache-2.0

/// Every annotation that a user may set on a workload, a namespace or a service.
///
/// The one table that validation, flags, help and documents are made from. Keys, types and defaults
/// are Linkerd's; image names are ours.
public enum AnnotationCatalog {
    /// All annotations in the order of the documents.
    public static let all: [AnnotationSpec] =
        meshWords + ports + proxy + resources + logs + images
        + timing + lifecycle

    /// What is known of a key; nil for keys that are not ours.
    public static func spec(forKey key: String) -> AnnotationSpec? { byKey[key] }

    /// Whether a key claims to be one of the proxy's settings, known or not.
    public static func isConfigurationKey(_ key: String) -> Bool {
        key.hasPrefix(AnnotationKey.configPrefix) || key.hasPrefix(AnnotationKey.alphaPrefix)
            || key.hasPrefix(AnnotationKey.betaPrefix)
    }

    /// The known key that an unknown one was probably meant to be.
    public static func suggestion(forUnknownKey key: String) -> String? {
        guard let slash = key.firstIndex(of: "/") else { return nil }
        let name = key[key.index(after: slash)...]
        // The right name after the wrong prefix is further away than any slip of the fingers.
        if let same = all.first(where: { $0.key.hasSuffix("/" + name) }) {
            return same.replacement ?? same.key
        }
        let names = all.filter { $0.replacement == nil }.map { spec in
            String(spec.key.split(separator: "/").last ?? "")
        }
        guard let near = Suggestion.nearest(to: String(name), in: names) else { return nil }
        return all.first { $0.key.hasSuffix("/" + near) }?.key
    }

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The key of a setting by its name after the prefix.
    private static func config(_ name: String) -> String { AnnotationKey.configPrefix + name }

    private static let onOff = AnnotationType.word(["enabled", "disabled"])

    private static let meshWords: [AnnotationSpec] = [
        AnnotationSpec(
            AnnotationKey.inject,
            .word(InjectMode.allCases.map(\.rawValue)),
            "whether the workload gets a proxy"
        ),
        AnnotationSpec(
            AnnotationKey.proxyRetryBudget,
            .retryBudget,
            isInherited: false,
            "how often requests that leave the workload may be repeated"
        ),
    ]

    private static let ports: [AnnotationSpec] = [
        AnnotationSpec(
            AnnotationKey.opaquePorts,
            .portList(allowsNames: true),
            default: MeshDefaults.opaquePorts.description,
            "ports passed through without protocol detection"
        ),
        AnnotationSpec(
            AnnotationKey.skipInboundPorts,
            .portList(allowsNames: false),
            default: MeshDefaults.skippedPorts.description,
            "inbound ports that bypass the proxy"
        ),
        AnnotationSpec(
            AnnotationKey.skipOutboundPorts,
            .portList(allowsNames: false),
            default: MeshDefaults.skippedPorts.description,
            "outbound ports that bypass the proxy"
        ),
        AnnotationSpec(
            config("skip-subnets"),
            .cidrList,
            default: "",
            "address ranges whose traffic bypasses the proxy"
        ),
        AnnotationSpec(
            config("control-port"),
            .port,
            default: "\(MeshDefaults.controlPort)",
            "the proxy's control port"
        ),
        AnnotationSpec(
            config("admin-port"),
            .port,
            default: "\(MeshDefaults.adminPort)",
            "the proxy's port for metrics and probes"
        ),
        AnnotationSpec(
            config("inbound-port"),
            .port,
            default: "\(MeshDefaults.inboundPort)",
            "the proxy's port for traffic to the pod"
        ),
        AnnotationSpec(
            config("outbound-port"),
            .port,
            default: "\(MeshDefaults.outboundPort)",
            "the proxy's port for traffic from the pod"
        ),
        AnnotationSpec(
            config("pod-inbound-ports"),
            .portList(allowsNames: false),
            "the ports the pod serves, in place of those its containers declare"
        ),
        AnnotationSpec(
            config("proxy-require-identity-inbound-ports"),
            .portList(allowsNames: false),
            default: "",
            "inbound ports that take meshed clients only"
        ),
    ]

    private static let proxy: [AnnotationSpec] = [
        AnnotationSpec(
            config("default-inbound-policy"),
            .word(InboundPolicy.allCases.map(\.rawValue)),
            default: InboundPolicy.allUnauthenticated.rawValue,
            "who may connect where no policy says so"
        ),
        AnnotationSpec(
            config("proxy-uid"),
            .userID,
            default: "\(MeshDefaults.proxyUserID)",
            "the user that the proxy runs as"
        ),
        AnnotationSpec(
            config("proxy-gid"),
            .groupID,
            default: "-1",
            "the group that the proxy runs as"
        ),
        AnnotationSpec(
            config("enable-external-profiles"),
            .boolean,
            default: "false",
            "looks up profiles for names outside the cluster"
        ),
        AnnotationSpec(
            config("enable-gateway"),
            .boolean,
            default: "false",
            isInherited: false,
            "makes the proxy a multicluster gateway"
        ),
        AnnotationSpec(
            config("proxy-metrics-hostname-labels"),
            .boolean,
            default: "false",
            "adds host names to outbound metrics"
        ),
        AnnotationSpec(
            AnnotationKey.proxyAdditionalEnv,
            .environmentList,
            "a JSON list of environment variables for the proxy"
        ),
    ]

    private static let resources: [AnnotationSpec] = [
        AnnotationSpec(config("proxy-cpu-request"), .quantity, default: "", "CPU requested"),
        AnnotationSpec(config("proxy-cpu-limit"), .quantity, default: "", "CPU at most"),
        AnnotationSpec(
            config("proxy-cpu-ratio-limit"),
            .coreRatio,
            isInherited: false,
            "the share of the node's cores that the proxy may use"
        ),
        AnnotationSpec(config("proxy-memory-request"), .quantity, default: "", "memory requested"),
        AnnotationSpec(config("proxy-memory-limit"), .quantity, default: "", "memory at most"),
        AnnotationSpec(
            config("proxy-ephemeral-storage-request"),
            .quantity,
            default: "",
            "ephemeral storage requested"
        ),
        AnnotationSpec(
            config("proxy-ephemeral-storage-limit"),
            .quantity,
            default: "",
            "ephemeral storage at most"
        ),
    ]

    private static let logs: [AnnotationSpec] = [
        AnnotationSpec(
            config("proxy-log-level"),
            .logFilter,
            default: MeshDefaults.logFilter,
            "which log lines the proxy writes"
        ),
        AnnotationSpec(
            config("proxy-log-format"),
            .word(["plain", "json"]),
            default: "plain",
            "how log lines look"
        ),
        AnnotationSpec(
            config("proxy-log-http-headers"),
            .word(["off", "insecure"]),
            default: "off",
            "whether logs may show HTTP headers, secrets included"
        ),
        AnnotationSpec(
            config("access-log"),
            .word(["apache", "json"]),
            default: "",
            "writes a line for each request"
        ),
        AnnotationSpec(
            AnnotationKey.enableDebugSidecar,
            .boolean,
            default: "false",
            "adds the debug container"
        ),
    ]

    private static let pullPolicy = AnnotationType.word(ImagePullPolicy.allCases.map(\.rawValue))

    private static let images: [AnnotationSpec] = [
        AnnotationSpec(
            config("proxy-image"),
            .image,
            default: MeshDefaults.proxyImage,
            "the proxy's image"
        ),
        AnnotationSpec(config("proxy-version"), .imageVersion, "the tag of the proxy's image"),
        AnnotationSpec(
            config("image-pull-policy"),
            pullPolicy,
            default: ImagePullPolicy.ifNotPresent.rawValue,
            "when the proxy's image is pulled"
        ),
        AnnotationSpec(
            config("debug-image"),
            .image,
            default: MeshDefaults.debugImage,
            isInherited: false,
            "the debug container's image"
        ),
        AnnotationSpec(
            config("debug-image-version"),
            .imageVersion,
            isInherited: false,
            "the tag of the debug container's image"
        ),
        AnnotationSpec(
            config("debug-image-pull-policy"),
            pullPolicy,
            default: ImagePullPolicy.ifNotPresent.rawValue,
            isInherited: false,
            "when the debug container's image is pulled"
        ),
        AnnotationSpec(
            config("init-image"),
            .image,
            replacement: config("proxy-image"),
            "without effect: the proxy's image serves the init container too"
        ),
        AnnotationSpec(
            config("init-image-version"),
            .imageVersion,
            replacement: config("proxy-version"),
            "without effect: the proxy's image serves the init container too"
        ),
    ]

    private static let timing: [AnnotationSpec] = [
        AnnotationSpec(
            config("proxy-outbound-connect-timeout"),
            .duration,
            default: "1000ms",
            "how long a connection to another pod may take"
        ),
        AnnotationSpec(
            config("proxy-inbound-connect-timeout"),
            .duration,
            default: "100ms",
            "how long a connection to the application may take"
        ),
        AnnotationSpec(
            config("proxy-outbound-discovery-cache-unused-timeout"),
            .duration,
            default: "5s",
            "how long an unused destination is remembered"
        ),
        AnnotationSpec(
            config("proxy-inbound-discovery-cache-unused-timeout"),
            .duration,
            default: "90s",
            "how long an unused inbound policy is remembered"
        ),
        AnnotationSpec(
            config("proxy-disable-outbound-protocol-detect-timeout"),
            .boolean,
            default: "false",
            "waits for ever for the first bytes of an outbound connection"
        ),
        AnnotationSpec(
            config("proxy-disable-inbound-protocol-detect-timeout"),
            .boolean,
            default: "false",
            "waits for ever for the first bytes of an inbound connection"
        ),
    ]

    private static let lifecycle: [AnnotationSpec] = [
        AnnotationSpec(
            config("proxy-await"),
            onOff,
            default: "enabled",
            "holds the application back until the proxy is ready"
        ),
        AnnotationSpec(
            AnnotationKey.enableNativeSidecar,
            .boolean,
            default: "true",
            "runs the proxy as an init container that restarts"
        ),
        AnnotationSpec(
            AnnotationKey.betaPrefix + "proxy-enable-native-sidecar",
            .boolean,
            default: "true",
            isInherited: false,
            replacement: AnnotationKey.enableNativeSidecar,
            "the former name of proxy-enable-native-sidecar"
        ),
        AnnotationSpec(
            AnnotationKey.alphaPrefix + "proxy-enable-native-sidecar",
            .boolean,
            default: "true",
            replacement: AnnotationKey.enableNativeSidecar,
            "the first name of proxy-enable-native-sidecar"
        ),
        AnnotationSpec(
            AnnotationKey.alphaPrefix + "proxy-wait-before-exit-seconds",
            .wholeNumber,
            default: "0",
            "how long the proxy outlives the signal to end, outside native form"
        ),
        AnnotationSpec(
            config("shutdown-grace-period"),
            .duration,
            default: "",
            "how long open connections may take to end"
        ),
        AnnotationSpec(
            config("proxy-admin-shutdown"),
            onOff,
            default: "disabled",
            "lets the application end the proxy over its admin port"
        ),
        AnnotationSpec(
            config("close-wait-timeout"),
            .duration,
            default: "0s",
            isInherited: false,
            "the kernel's timeout for half-closed connections"
        ),
    ]
}
