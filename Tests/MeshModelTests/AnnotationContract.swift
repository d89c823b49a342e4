// SPDX-License-Identifier: Apache-2.0

import MeshModel

/// The public contract, written out once more: what users may set, its type and its default.
///
/// Kept apart from the catalog on purpose, so that a key that is dropped or renamed there fails.
enum AnnotationContract {
    struct Row: Sendable, CustomStringConvertible {
        let key: String
        let type: AnnotationType
        let defaultValue: String?
        let isInherited: Bool
        let replacement: String?

        init(
            _ key: String,
            _ type: AnnotationType,
            _ defaultValue: String?,
            isInherited: Bool = true,
            replacement: String? = nil
        ) {
            self.key = key.contains("/") ? key : "config.linkerd.io/" + key
            self.type = type
            self.defaultValue = defaultValue
            self.isInherited = isInherited
            self.replacement = replacement
        }

        var description: String { key }
    }

    static let rows: [Row] = mesh + ports + proxy + resources + logs + images + timing + lifecycle

    private static let onOff = AnnotationType.word(["enabled", "disabled"])
    private static let numbers = AnnotationType.portList(allowsNames: false)
    private static let pullPolicy = AnnotationType.word(["Always", "IfNotPresent", "Never"])
    private static let stableSidecar = "config.linkerd.io/proxy-enable-native-sidecar"

    private static let mesh: [Row] = [
        Row("linkerd.io/inject", .word(["enabled", "disabled", "ingress"]), nil),
        Row("linkerd.io/proxy-retry-budget", .retryBudget, nil, isInherited: false),
    ]

    private static let ports: [Row] = [
        Row(
            "opaque-ports",
            .portList(allowsNames: true),
            "25,587,3306,4444,5432,6379,9300,11211"
        ),
        Row("skip-inbound-ports", numbers, "4567,4568"),
        Row("skip-outbound-ports", numbers, "4567,4568"),
        Row("skip-subnets", .cidrList, ""),
        Row("control-port", .port, "4190"),
        Row("admin-port", .port, "4191"),
        Row("inbound-port", .port, "4143"),
        Row("outbound-port", .port, "4140"),
        Row("pod-inbound-ports", numbers, nil),
        Row("proxy-require-identity-inbound-ports", numbers, ""),
    ]

    private static let proxy: [Row] = [
        Row(
            "default-inbound-policy",
            .word([
                "all-unauthenticated", "all-authenticated", "cluster-unauthenticated",
                "cluster-authenticated", "deny", "audit",
            ]),
            "all-unauthenticated"
        ),
        Row("proxy-uid", .userID, "2102"),
        Row("proxy-gid", .groupID, "-1"),
        Row("enable-external-profiles", .boolean, "false"),
        Row("enable-gateway", .boolean, "false", isInherited: false),
        Row("proxy-metrics-hostname-labels", .boolean, "false"),
        Row("proxy-additional-env", .environmentList, nil),
    ]

    private static let resources: [Row] = [
        Row("proxy-cpu-request", .quantity, ""),
        Row("proxy-cpu-limit", .quantity, ""),
        Row("proxy-cpu-ratio-limit", .coreRatio, nil, isInherited: false),
        Row("proxy-memory-request", .quantity, ""),
        Row("proxy-memory-limit", .quantity, ""),
        Row("proxy-ephemeral-storage-request", .quantity, ""),
        Row("proxy-ephemeral-storage-limit", .quantity, ""),
    ]

    private static let logs: [Row] = [
        Row("proxy-log-level", .logFilter, "warn,linkerd=info,hickory=error"),
        Row("proxy-log-format", .word(["plain", "json"]), "plain"),
        Row("proxy-log-http-headers", .word(["off", "insecure"]), "off"),
        Row("access-log", .word(["apache", "json"]), ""),
        Row("enable-debug-sidecar", .boolean, "false"),
    ]

    private static let images: [Row] = [
        Row("proxy-image", .image, "ghcr.io/meshctl/meshctl"),
        Row("proxy-version", .imageVersion, nil),
        Row("image-pull-policy", pullPolicy, "IfNotPresent"),
        Row("debug-image", .image, "ghcr.io/meshctl/debug", isInherited: false),
        Row("debug-image-version", .imageVersion, nil, isInherited: false),
        Row("debug-image-pull-policy", pullPolicy, "IfNotPresent", isInherited: false),
        Row("init-image", .image, nil, replacement: "config.linkerd.io/proxy-image"),
        Row(
            "init-image-version",
            .imageVersion,
            nil,
            replacement: "config.linkerd.io/proxy-version"
        ),
    ]

    private static let timing: [Row] = [
        Row("proxy-outbound-connect-timeout", .duration, "1000ms"),
        Row("proxy-inbound-connect-timeout", .duration, "100ms"),
        Row("proxy-outbound-discovery-cache-unused-timeout", .duration, "5s"),
        Row("proxy-inbound-discovery-cache-unused-timeout", .duration, "90s"),
        Row("proxy-disable-outbound-protocol-detect-timeout", .boolean, "false"),
        Row("proxy-disable-inbound-protocol-detect-timeout", .boolean, "false"),
    ]

    private static let lifecycle: [Row] = [
        Row("proxy-await", onOff, "enabled"),
        Row("proxy-enable-native-sidecar", .boolean, "true"),
        Row(
            "config.beta.linkerd.io/proxy-enable-native-sidecar",
            .boolean,
            "true",
            isInherited: false,
            replacement: stableSidecar
        ),
        Row(
            "config.alpha.linkerd.io/proxy-enable-native-sidecar",
            .boolean,
            "true",
            replacement: stableSidecar
        ),
        Row("config.alpha.linkerd.io/proxy-wait-before-exit-seconds", .wholeNumber, "0"),
        Row("shutdown-grace-period", .duration, ""),
        Row("proxy-admin-shutdown", onOff, "disabled"),
        Row("close-wait-timeout", .duration, "0s", isInherited: false),
    ]
}
