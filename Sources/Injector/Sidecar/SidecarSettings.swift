// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The settings in force for one pod's proxy.
///
/// The most specific wins: the pod's own annotation, then its namespace's, then a flag, then the
/// mesh's values, then the catalog's default. What is not valid counts as not there: it has been
/// reported before, as an error or, with `--lenient`, as a warning.
struct SidecarSettings {
    let annotations: AnnotationOwner
    let flags: [Annotation]
    let options: SidecarOptions
    /// Whether the proxy routes by the Host header.
    let isIngress: Bool
    var values: MeshValues { options.values }

    // MARK: Lookup

    /// The text in force; empty where nothing is set.
    func text(_ key: String) -> String {
        explicit(key) ?? AnnotationCatalog.spec(forKey: key)?.defaultValue ?? ""
    }

    /// The text that somebody has set; nil where the default holds.
    func explicit(_ key: String) -> String? {
        let candidates = [
            annotations.value(key), options.inherited[key],
            flags.first { $0.key == key }?.value, values.settings[key],
        ]
        return candidates.compactMap { $0 }.first { text in
            AnnotationCatalog.spec(forKey: key).map { (try? $0.canonical(text)) != nil } ?? false
        }
    }

    /// The text of a setting with the usual prefix.
    func config(_ name: String) -> String { text(AnnotationKey.configPrefix + name) }

    func flag(_ name: String) -> Bool {
        (try? GoBool(parsing: config(name)))?.value ?? false
    }

    func isEnabled(_ name: String) -> Bool { config(name) == "enabled" }

    func port(_ name: String) -> Int {
        (try? PortNumber(parsing: config(name))).map { Int($0.value) } ?? 0
    }

    func duration(_ key: String) -> GoDuration? { try? GoDuration(parsing: text(key)) }

    func quantity(_ name: String) -> Quantity? { try? Quantity(parsing: config(name)) }

    func ports(_ key: String) -> PortList {
        (try? PortList(parsing: text(key), allowsNames: true)) ?? PortList([PortRange]())
    }

    // MARK: What several parts of a pod depend on

    /// Whether the proxy is an init container that restarts; the stable name of the setting wins
    /// over its former ones.
    var isNative: Bool {
        let keys = [
            AnnotationKey.enableNativeSidecar,
            AnnotationKey.betaPrefix + "proxy-enable-native-sidecar",
            AnnotationKey.alphaPrefix + "proxy-enable-native-sidecar",
        ]
        let text = keys.lazy.compactMap { explicit($0) }.first
        return (try? GoBool(parsing: text ?? "true"))?.value ?? true
    }

    var awaitsProxy: Bool { isEnabled("proxy-await") }
    var hasDebugContainer: Bool { flag("enable-debug-sidecar") }
    var adminPort: Int { port("admin-port") }
    var inboundPort: Int { port("inbound-port") }
    var outboundPort: Int { port("outbound-port") }
    var controlPort: Int { port("control-port") }
    var userID: Int { (try? UserID(parsing: config("proxy-uid"))).map { Int($0.value) } ?? 0 }

    /// The proxy's group; nil for none.
    var groupID: Int? { (try? GroupID(parsing: config("proxy-gid")))?.value.map { Int($0) } }

    /// How long the kernel keeps half-closed connections; nil for its own default.
    var closeWaitSeconds: Int64? {
        let seconds = duration(AnnotationKey.configPrefix + "close-wait-timeout")?.wholeSeconds ?? 0
        return seconds > 0 ? seconds : nil
    }

    /// How long the proxy outlives the signal to end; only in classic form.
    var waitBeforeExitSeconds: Int {
        Int(text(AnnotationKey.alphaPrefix + "proxy-wait-before-exit-seconds")) ?? 0
    }

    /// The proxy's version: what the pod says it runs.
    var proxyVersion: String {
        explicit(AnnotationKey.configPrefix + "proxy-version") ?? MeshVersion.current
    }

    /// The image of the proxy and the init container.
    var proxyImage: String { image("proxy-image", version: "proxy-version") }

    /// The image of the debug container.
    var debugImage: String { image("debug-image", version: "debug-image-version") }

    /// Name and version; a name that brings its own tag or digest keeps it unless a version is set.
    private func image(_ name: String, version: String) -> String {
        let image = config(name)
        let chosen = explicit(AnnotationKey.configPrefix + version)
        if let parsed = try? ContainerImage(parsing: image),
            parsed.tag != nil || parsed.digest != nil
        {
            return chosen.map { "\(parsed.name):\($0)" } ?? image
        }
        return "\(image):\(chosen ?? MeshVersion.current)"
    }

    /// More variables: the mesh's, then the namespace's, then the pod's; of two with one name the
    /// later counts.
    func additionalEnvironment() -> [NewNode] {
        let key = AnnotationKey.proxyAdditionalEnv
        let layers = [
            values.settings[key], flags.first { $0.key == key }?.value, options.inherited[key],
            annotations.value(key),
        ]
        var variables: [(name: String, node: NewNode)] = []
        for layer in layers.compactMap({ $0 }) {
            for variable in (try? EnvironmentReading.read(layer)) ?? [] {
                if let index = variables.firstIndex(where: { $0.name == variable.name }) {
                    variables[index] = variable
                } else {
                    variables.append(variable)
                }
            }
        }
        return variables.map(\.node)
    }
}
