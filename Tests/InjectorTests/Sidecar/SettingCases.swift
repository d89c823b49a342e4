// SPDX-License-Identifier: Apache-2.0

/// What each setting makes of a pod: a row for every annotation of the contract.
struct SettingCase: CustomStringConvertible, Sendable {
    /// Where a setting shows.
    enum Place: Sendable {
        /// A variable of the proxy, without its prefix.
        case environment(String)
        /// The word after a flag of the init container.
        case argument(String)
        /// JSON at a path of the proxy's container.
        case proxy([String])
        /// JSON at a path of the init container.
        case initContainer([String])
        /// JSON at a path of the debug container.
        case debug([String])
        /// Where the proxy's container is: the name of the list.
        case list
    }

    let key: String
    let place: Place
    /// A valid value, and what it makes there.
    let value: String
    let expected: String?
    /// What is there without it; nil for nothing.
    let byDefault: String?
    /// A value that is refused.
    let invalid: String

    init(
        _ key: String,
        _ place: Place,
        _ value: String,
        _ expected: String?,
        default byDefault: String?,
        not invalid: String
    ) {
        self.key = key.contains("/") ? key : "config.linkerd.io/" + key
        self.place = place
        self.value = value
        self.expected = expected
        self.byDefault = byDefault
        self.invalid = invalid
    }

    var description: String { "\(key) = \(value)" }

    static let all = ports + proxy + resources + logs + images + timing + lifecycle

    private static let opaque = "25,587,3306,4444,5432,6379,9300,11211"

    static let ports: [SettingCase] = [
        .init(
            "opaque-ports",
            .environment("INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION"),
            "9000-9010, http,25,",
            "25,8080,9000-9010",
            default: opaque,
            not: "70000"
        ),
        .init(
            "skip-inbound-ports",
            .argument("--inbound-ports-to-ignore"),
            "22,1000-2000",
            "4190,4191,22,1000-2000",
            default: "4190,4191,4567,4568",
            not: "ssh"
        ),
        .init(
            "skip-outbound-ports",
            .argument("--outbound-ports-to-ignore"),
            "3306",
            "3306",
            default: "4567,4568",
            not: "9-8"
        ),
        .init(
            "skip-subnets",
            .argument("--subnets-to-ignore"),
            "10.1.0.0/16,192.168.1.0/24",
            "10.1.0.0/16,192.168.1.0/24",
            default: nil,
            not: "10.1.0.0/40"
        ),
        .init(
            "control-port",
            .environment("CONTROL_LISTEN_ADDR"),
            "5190",
            "0.0.0.0:5190",
            default: "0.0.0.0:4190",
            not: "0"
        ),
        .init(
            "admin-port",
            .environment("ADMIN_LISTEN_ADDR"),
            "5191",
            "0.0.0.0:5191",
            default: "0.0.0.0:4191",
            not: "http"
        ),
        .init(
            "admin-port",
            .proxy(["readinessProbe", "httpGet", "port"]),
            "5191",
            "5191",
            default: "4191",
            not: "-1"
        ),
        .init(
            "inbound-port",
            .argument("--incoming-proxy-port"),
            "5143",
            "5143",
            default: "4143",
            not: "65536"
        ),
        .init(
            "outbound-port",
            .environment("OUTBOUND_LISTEN_ADDRS"),
            "5140",
            "127.0.0.1:5140",
            default: "127.0.0.1:4140",
            not: "4140,4141"
        ),
        .init(
            "pod-inbound-ports",
            .environment("INBOUND_PORTS"),
            "443,80",
            "80,443",
            default: "9,80,8080",
            not: "all"
        ),
        .init(
            "proxy-require-identity-inbound-ports",
            .environment("INBOUND_PORTS_REQUIRE_IDENTITY"),
            "8080",
            "8080",
            default: nil,
            not: "x"
        ),
    ]

    static let proxy: [SettingCase] = [
        .init(
            "default-inbound-policy",
            .environment("INBOUND_DEFAULT_POLICY"),
            "deny",
            "deny",
            default: "all-unauthenticated",
            not: "allow"
        ),
        .init(
            "proxy-uid",
            .proxy(["securityContext", "runAsUser"]),
            "5000",
            "5000",
            default: "2102",
            not: "0"
        ),
        .init("proxy-uid", .argument("--proxy-uid"), "5000", "5000", default: "2102", not: "root"),
        .init(
            "proxy-gid",
            .proxy(["securityContext", "runAsGroup"]),
            "5001",
            "5001",
            default: nil,
            not: "-2"
        ),
        .init("proxy-gid", .argument("--proxy-gid"), "5001", "5001", default: nil, not: "x"),
        .init(
            "enable-external-profiles",
            .environment("DESTINATION_PROFILE_SUFFIXES"),
            "true",
            ".",
            default: "svc.cluster.local.",
            not: "yes"
        ),
        .init(
            "enable-gateway",
            .environment("INBOUND_GATEWAY_SUFFIXES"),
            "true",
            "svc.cluster.local.",
            default: nil,
            not: "on"
        ),
        .init(
            "proxy-metrics-hostname-labels",
            .environment("OUTBOUND_METRICS_HOSTNAME_LABELS"),
            "true",
            "true",
            default: "false",
            not: "2"
        ),
        .init(
            "proxy-additional-env",
            .environment("EXTRA"),
            #"[{"name": "EXTRA", "value": "1"}]"#,
            "1",
            default: nil,
            not: #"{"EXTRA": 1}"#
        ),
        .init(
            "linkerd.io/inject",
            .environment("INGRESS_MODE"),
            "ingress",
            "true",
            default: nil,
            not: "on"
        ),
    ]

    static let resources: [SettingCase] = [
        .init("proxy-cpu-request", .environment("CORES"), "1100m", "2", default: "1", not: "-1"),
        .init("proxy-cpu-request", .environment("CORES_MIN"), "3", "3", default: "1", not: "many"),
        .init(
            "proxy-cpu-request",
            .proxy(["resources", "requests", "cpu"]),
            "100m",
            #""100m""#,
            default: nil,
            not: "100x"
        ),
        .init("proxy-cpu-limit", .environment("CORES_MAX"), "2500m", "3", default: nil, not: "1 2"),
        .init(
            "proxy-cpu-limit",
            .initContainer(["resources", "limits", "cpu"]),
            "2",
            #""2""#,
            default: nil,
            not: "2c"
        ),
        .init(
            "proxy-cpu-ratio-limit",
            .environment("CORES_MAX_RATIO"),
            "0.5",
            "0.5",
            default: nil,
            not: "1.5"
        ),
        .init(
            "proxy-memory-request",
            .proxy(["resources", "requests", "memory"]),
            "20Mi",
            #""20Mi""#,
            default: nil,
            not: "20 Mi"
        ),
        .init(
            "proxy-memory-limit",
            .proxy(["resources", "limits", "memory"]),
            "250Mi",
            #""250Mi""#,
            default: nil,
            not: "lots"
        ),
        .init(
            "proxy-ephemeral-storage-request",
            .proxy(["resources", "requests", "ephemeral-storage"]),
            "1Gi",
            #""1Gi""#,
            default: nil,
            not: "1GB"
        ),
        .init(
            "proxy-ephemeral-storage-limit",
            .proxy(["resources", "limits", "ephemeral-storage"]),
            "2Gi",
            #""2Gi""#,
            default: nil,
            not: "Gi2"
        ),
    ]

    static let logs: [SettingCase] = [
        .init(
            "proxy-log-level",
            .environment("LOG"),
            "debug",
            "debug,[{headers}]=off,[{request}]=off",
            default: "warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off",
            not: "linkerd=loud"
        ),
        .init(
            "proxy-log-format",
            .environment("LOG_FORMAT"),
            "json",
            "json",
            default: "plain",
            not: "xml"
        ),
        .init(
            "proxy-log-http-headers",
            .environment("LOG"),
            "insecure",
            "warn,linkerd=info,hickory=error",
            default: "warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off",
            not: "on"
        ),
        .init(
            "access-log",
            .environment("ACCESS_LOG"),
            "apache",
            "apache",
            default: nil,
            not: "clf"
        ),
        .init(
            "enable-debug-sidecar",
            .debug(["name"]),
            "true",
            #""linkerd-debug""#,
            default: nil,
            not: "yes"
        ),
    ]

    static let images: [SettingCase] = [
        .init(
            "proxy-image",
            .proxy(["image"]),
            "example.org/mesh/proxy",
            #""example.org/mesh/proxy:0.1.0""#,
            default: #""ghcr.io/meshctl/meshctl:0.1.0""#,
            not: "a//b"
        ),
        .init(
            "proxy-version",
            .initContainer(["image"]),
            "1.2.3",
            #""ghcr.io/meshctl/meshctl:1.2.3""#,
            default: #""ghcr.io/meshctl/meshctl:0.1.0""#,
            not: "a b"
        ),
        .init(
            "image-pull-policy",
            .proxy(["imagePullPolicy"]),
            "Always",
            #""Always""#,
            default: #""IfNotPresent""#,
            not: "Sometimes"
        ),
    ]

    static let timing: [SettingCase] = [
        .init(
            "proxy-outbound-connect-timeout",
            .environment("OUTBOUND_CONNECT_TIMEOUT"),
            "2.5s",
            "2500ms",
            default: "1000ms",
            not: "6000"
        ),
        .init(
            "proxy-inbound-connect-timeout",
            .environment("INBOUND_CONNECT_TIMEOUT"),
            "1s",
            "1000ms",
            default: "100ms",
            not: "fast"
        ),
        .init(
            "proxy-outbound-discovery-cache-unused-timeout",
            .environment("OUTBOUND_DISCOVERY_IDLE_TIMEOUT"),
            "1m30s",
            "90s",
            default: "5s",
            not: "-5s"
        ),
        .init(
            "proxy-inbound-discovery-cache-unused-timeout",
            .environment("INBOUND_DISCOVERY_IDLE_TIMEOUT"),
            "1500ms",
            "1s",
            default: "90s",
            not: "1 h"
        ),
        .init(
            "proxy-disable-outbound-protocol-detect-timeout",
            .environment("OUTBOUND_DETECT_TIMEOUT"),
            "true",
            "365d",
            default: nil,
            not: "never"
        ),
        .init(
            "proxy-disable-inbound-protocol-detect-timeout",
            .environment("INBOUND_DETECT_TIMEOUT"),
            "true",
            "365d",
            default: nil,
            not: "no"
        ),
    ]

    static let lifecycle: [SettingCase] = [
        .init(
            "proxy-await",
            .proxy(["startupProbe", "failureThreshold"]),
            "disabled",
            nil,
            default: "120",
            not: "false"
        ),
        .init(
            "proxy-enable-native-sidecar",
            .list,
            "false",
            "containers",
            default: "initContainers",
            not: "classic"
        ),
        .init(
            "config.alpha.linkerd.io/proxy-enable-native-sidecar",
            .list,
            "false",
            "containers",
            default: "initContainers",
            not: "x"
        ),
        .init(
            "config.beta.linkerd.io/proxy-enable-native-sidecar",
            .list,
            "false",
            "containers",
            default: "initContainers",
            not: "x"
        ),
        .init(
            "shutdown-grace-period",
            .environment("SHUTDOWN_GRACE_PERIOD"),
            "30s",
            "30000ms",
            default: nil,
            not: "30"
        ),
        .init(
            "proxy-admin-shutdown",
            .environment("SHUTDOWN_ENDPOINT_ENABLED"),
            "enabled",
            "true",
            default: "false",
            not: "true"
        ),
    ]
}
