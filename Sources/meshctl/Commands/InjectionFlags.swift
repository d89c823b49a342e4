// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// The flags that only inject has.
struct InjectionFlags: ParsableArguments {
    @Flag(help: "Let the proxy route by the Host header, as behind an ingress controller.")
    var ingress = false

    @Option(
        help: .init(
            "Ports passed through without protocol detection; also marks Services.",
            valueName: "ports"
        )
    )
    var opaquePorts: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Run the proxy as an init container that restarts (default), or as a container."
    )
    var nativeSidecar: Bool?

    @Flag(
        name: [.customLong("enable-debug-sidecar"), .customLong("enable-debug-containers")],
        help: "Add a container with tcpdump, tshark and curl to the pods."
    )
    var enableDebugSidecar = false

    @Option(help: .init("Inbound ports that take meshed clients only.", valueName: "ports"))
    var requireIdentityOnInboundPorts: String?

    @Option(
        help: .init(
            "How long the proxy outlives the signal to end; not in native form.",
            valueName: "seconds"
        )
    )
    var waitBeforeExitSeconds: String?

    @Option(
        help: .init(
            "The kernel's timeout for half-closed connections, such as 30s.",
            valueName: "duration"
        )
    )
    var closeWaitTimeout: String?

    @Flag(help: "Exit 1, and write nothing, if a workload stays outside the mesh.")
    var strict = false

    @Flag(help: "Warn about bad annotations instead of refusing them.")
    var lenient = false

    @Flag(help: "Accepted for Linkerd's scripts: this command reads no cluster anyway.")
    var ignoreCluster = false

    @Flag(help: .hidden) var disableIdentity = false

    mutating func validate() throws {
        if disableIdentity {
            throw ValidationError("--disable-identity: every proxy has an identity; leave it out.")
        }
    }

    /// What the flags set.
    var settings: [FlagSetting] {
        [
            FlagSetting("--opaque-ports", opaquePorts),
            FlagSetting(
                "--native-sidecar",
                nativeSidecar.map { "\($0)" },
                key: AnnotationKey.enableNativeSidecar
            ),
            FlagSetting("--enable-debug-sidecar", enableDebugSidecar ? "true" : nil),
            FlagSetting(
                "--require-identity-on-inbound-ports",
                requireIdentityOnInboundPorts,
                name: "proxy-require-identity-inbound-ports"
            ),
            FlagSetting(
                "--wait-before-exit-seconds",
                waitBeforeExitSeconds,
                key: AnnotationKey.alphaPrefix + "proxy-wait-before-exit-seconds"
            ),
            FlagSetting("--close-wait-timeout", closeWaitTimeout),
        ].compactMap { $0 }
    }
}
