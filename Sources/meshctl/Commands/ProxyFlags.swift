// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import MeshModel

/// The flags about the proxy that Linkerd's install, upgrade and inject share.
struct ProxyFlags: ParsableArguments {
    @Option(help: "The proxy's image, without its tag.") var proxyImage: String?
    @Option(name: [.short, .long], help: "The tag of the proxy's image.") var proxyVersion: String?
    @Option(help: "The registry of the mesh's images.") var registry: String?
    @Option(help: "Always, IfNotPresent or Never.") var imagePullPolicy: String?
    @Option(help: "The proxy's port for traffic to the pod.") var inboundPort: String?
    @Option(help: "The proxy's port for traffic from the pod.") var outboundPort: String?
    @Option(help: "The proxy's control port.") var controlPort: String?
    @Option(help: "The proxy's port for metrics and probes.") var adminPort: String?
    @Option(help: "Inbound ports that bypass the proxy.") var skipInboundPorts: String?
    @Option(help: "Outbound ports that bypass the proxy.") var skipOutboundPorts: String?
    @Option(help: "The user that the proxy runs as.") var proxyUid: String?
    @Option(help: "The group that the proxy runs as.") var proxyGid: String?
    @Option(help: "Which log lines the proxy writes.") var proxyLogLevel: String?
    @Option(help: "CPU that the proxy requests.") var proxyCpuRequest: String?
    @Option(help: "CPU that the proxy gets at most.") var proxyCpuLimit: String?
    @Option(help: "Memory that the proxy requests.") var proxyMemoryRequest: String?
    @Option(help: "Memory that the proxy gets at most.") var proxyMemoryLimit: String?
    @Option(help: "Who may connect where no policy says so.") var defaultInboundPolicy: String?
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
