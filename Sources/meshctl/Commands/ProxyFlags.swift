// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// The flags about the proxy that Linkerd's install, upgrade and inject share.
struct ProxyFlags: ParsableArguments {
    @Option(help: .init("The proxy's image, without its tag.", valueName: "image"))
    var proxyImage: String?
    @Option(
        name: [.customShort("v"), .long],
        help: .init("The tag of the proxy's image.", valueName: "tag")
    )
    var proxyVersion: String?
    @Option(help: .init("The registry of the mesh's images.", valueName: "registry"))
    var registry: String?
    @Option(help: .init("Always, IfNotPresent or Never.", valueName: "policy"))
    var imagePullPolicy: String?
    @Option(help: .init("The proxy's port for traffic to the pod.", valueName: "port"))
    var inboundPort: String?
    @Option(help: .init("The proxy's port for traffic from the pod.", valueName: "port"))
    var outboundPort: String?
    @Option(help: .init("The proxy's control port.", valueName: "port"))
    var controlPort: String?
    @Option(help: .init("The proxy's port for metrics and probes.", valueName: "port"))
    var adminPort: String?
    @Option(help: .init("Inbound ports that bypass the proxy.", valueName: "ports"))
    var skipInboundPorts: String?
    @Option(help: .init("Outbound ports that bypass the proxy.", valueName: "ports"))
    var skipOutboundPorts: String?
    @Option(help: .init("The user that the proxy runs as.", valueName: "uid"))
    var proxyUid: String?
    // Unconditional, because -1 looks like a flag.
    @Option(
        parsing: .unconditional,
        help: .init("The group that the proxy runs as; -1 sets none.", valueName: "gid")
    )
    var proxyGid: String?
    @Option(help: .init("Which log lines the proxy writes.", valueName: "filter"))
    var proxyLogLevel: String?
    @Option(help: .init("CPU that the proxy requests.", valueName: "quantity"))
    var proxyCpuRequest: String?
    @Option(help: .init("CPU that the proxy gets at most.", valueName: "quantity"))
    var proxyCpuLimit: String?
    @Option(help: .init("Memory that the proxy requests.", valueName: "quantity"))
    var proxyMemoryRequest: String?
    @Option(help: .init("Memory that the proxy gets at most.", valueName: "quantity"))
    var proxyMemoryLimit: String?
    @Option(help: .init("Who may connect where no policy says so.", valueName: "policy"))
    var defaultInboundPolicy: String?
    @Flag(help: "Look up profiles for names outside the cluster.")
    var enableExternalProfiles = false
    @Option(help: .hidden) var proxyCpu: String?
    @Option(help: .hidden) var proxyMemory: String?

    /// What the flags set, in the order in which later ones win.
    var settings: [FlagSetting] {
        let images = registry.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        return [
            FlagSetting("--registry", images.map { $0 + "/meshctl" }, name: "proxy-image"),
            FlagSetting("--registry", images.map { $0 + "/debug" }, name: "debug-image"),
            FlagSetting("--proxy-image", proxyImage),
            FlagSetting("--proxy-version", proxyVersion),
            FlagSetting("--image-pull-policy", imagePullPolicy),
            FlagSetting("--inbound-port", inboundPort),
            FlagSetting("--outbound-port", outboundPort),
            FlagSetting("--control-port", controlPort),
            FlagSetting("--admin-port", adminPort),
            FlagSetting("--skip-inbound-ports", skipInboundPorts),
            FlagSetting("--skip-outbound-ports", skipOutboundPorts),
            FlagSetting("--proxy-uid", proxyUid),
            FlagSetting("--proxy-gid", proxyGid),
            FlagSetting("--proxy-log-level", proxyLogLevel),
            FlagSetting("--proxy-cpu", proxyCpu, name: "proxy-cpu-request"),
            FlagSetting("--proxy-memory", proxyMemory, name: "proxy-memory-request"),
            FlagSetting("--proxy-cpu-request", proxyCpuRequest),
            FlagSetting("--proxy-cpu-limit", proxyCpuLimit),
            FlagSetting("--proxy-memory-request", proxyMemoryRequest),
            FlagSetting("--proxy-memory-limit", proxyMemoryLimit),
            FlagSetting("--default-inbound-policy", defaultInboundPolicy),
            FlagSetting("--enable-external-profiles", enableExternalProfiles ? "true" : nil),
        ].compactMap { $0 }
    }

    /// Words about flags that are on their way out.
    var notes: [String] {
        [("--proxy-cpu", proxyCpu), ("--proxy-memory", proxyMemory)].compactMap { flag, value in
            value.map { _ in "\(flag) is going away; use \(flag)-request" }
        }
    }
}
