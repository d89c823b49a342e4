// SPDX-License-Identifier: Apache-2.0

public import ManifestKit
internal import MeshModel

/// The text of the annotation `linkerd.io/proxy-config`: settings for the proxies of a whole mesh.
///
/// ```yaml
/// proxy:
///   listenAddr: ":4140"
///   proxy:
///     outgoing:            # or outbound
///       request:
///         timeout: "5s"
///       allow: ["kubernetes", "k8s:some-namespace/some-service", "ip:192.168.1.0/24"]
/// ```
public enum ProxyConfigTree {
    /// LIMIT: Kubernetes' bound on all annotations of an object together.
    static let textBytesMax = 256 << 10

    /// Reads the annotation's text, parsed as a manifest of its own.
    ///
    /// - Returns: the settings, or everything that is wrong with the text, in its order.
    public static func read(
        _ manifest: Manifest
    ) -> (settings: ProxySettings?, errors: [ManifestError]) {
        var reading = TreeReading(manifest: manifest, keys: ConfigKeys.proxy)
        // Injected proxies have these beside the outbound listener, and one setting breaks all.
        for (name, port) in [
            ("the inbound listener", MeshDefaults.inboundPort),
            ("the admin listener", MeshDefaults.adminPort),
            ("the control listener", MeshDefaults.controlPort),
        ] {
            let address = SocketAddress(ip: .unspecifiedV4, port: port)
            reading.listeners.append(Listener(name: name, address: address, place: nil))
        }
        let fields = reading.soleRoot().flatMap { reading.fields(of: $0) } ?? [:]
        let settings = reading.proxySettings(fields["proxy"], allowsAnyPort: false)
        reading.checkListeners()
        return (reading.isFine ? settings : nil, reading.sortedErrors())
    }

    /// Reads the annotation's text; errors are in the text's own lines.
    ///
    /// - Parameters:
    ///   - text: the annotation's value.
    ///   - name: what to call it in errors.
    /// - Returns: the settings, or everything that is wrong with the text, in its order.
    public static func read(
        _ text: String,
        named name: String
    ) -> (settings: ProxySettings?, errors: [ManifestError]) {
        var limits = Limits.standard
        limits.sourceBytesMax = textBytesMax
        do throws(ManifestError) {
            return read(try Manifest(name: name, bytes: Array(text.utf8), limits: limits))
        } catch {
            return (nil, [error])
        }
    }

    /// Reads the annotation where it stands in a manifest of the ConfigMap.
    ///
    /// Errors are in the lines of that manifest: the very ones if the text is a block (`|`), else
    /// the annotation's, with the line in its text as part of the message.
    public static func read(
        annotation node: NodeID,
        of manifest: Manifest
    ) -> (settings: ProxySettings?, errors: [ManifestError]) {
        let value = manifest.resolve(node)
        guard case .string(let text) = manifest.typedValue(of: value) else {
            let error = manifest.error(
                .badValue,
                "linkerd.io/proxy-config must be a string",
                hint: "put \"|\" after the colon and indent the text below it",
                at: value
            )
            return (nil, [error])
        }
        let (settings, errors) = read(text, named: manifest.source.name)
        let lines = LiteralLines(of: value, in: manifest)
        return (settings, errors.map { lines.relocated($0) })
    }
}
