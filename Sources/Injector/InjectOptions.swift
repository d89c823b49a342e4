// SPDX-License-Identifier: Apache-2.0

public import MeshModel

/// What the user asked of one run of inject.
public struct InjectOptions: Sendable {
    /// Whether the proxies route by the Host header, as behind an ingress controller.
    public var isIngress = false
    /// Whether bad annotations are warned about instead of refused.
    public var isLenient = false
    /// What is needed to write the whole sidecar; nil leaves that to the admission webhook.
    public var sidecar: SidecarOptions?
    /// The settings to be written, in the catalog's order, each with a value that says something
    /// beyond the default.
    private(set) var settings: [Setting] = []

    /// One setting asked for by a flag.
    struct Setting: Equatable, Sendable {
        let spec: AnnotationSpec
        let value: String
    }

    /// Makes options that ask for the proxy and nothing more.
    public init() {}

    /// Asks for a setting, such as `config.linkerd.io/proxy-log-level`; a value that would hold
    /// anyway is dropped, as Linkerd does.
    ///
    /// - Throws: what is wrong with the value.
    public mutating func set(_ key: String, to value: String) throws(ValueError) {
        guard let spec = AnnotationCatalog.spec(forKey: key) else {
            preconditionFailure("\(key) is not in the catalog")
        }
        _ = try spec.canonical(value)
        settings.removeAll { $0.spec.key == key }
        guard !spec.isDefault(value) else { return }
        let order = { (key: String) in AnnotationCatalog.all.firstIndex { $0.key == key } ?? 0 }
        settings.append(Setting(spec: spec, value: value))
        settings.sort { order($0.spec.key) < order($1.spec.key) }
    }

    /// The annotations for pods.
    var podAnnotations: [Annotation] { settings.map { Annotation($0.spec.key, $0.value) } }

    /// The annotations for a namespace: those that its pods inherit.
    var namespaceAnnotations: [Annotation] {
        settings.filter(\.spec.isInherited).map { Annotation($0.spec.key, $0.value) }
    }

    /// The settings that a namespace cannot give to its pods.
    var unheardOnNamespaces: [String] { settings.filter { !$0.spec.isInherited }.map(\.spec.key) }

    /// The annotations for a service: how its clients are to treat its ports.
    var serviceAnnotations: [Annotation] {
        settings.filter { $0.spec.key == AnnotationKey.opaquePorts }
            .map { Annotation($0.spec.key, $0.value) }
    }
}
