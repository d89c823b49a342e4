// SPDX-License-Identifier: Apache-2.0

public import ManifestKit
internal import MeshModel

/// The file of `meshctl proxy --config`.
///
/// It runs the proxy where there is no control plane. `ConfigKeys` lists its keys; a file without
/// any is a configuration of defaults.
public enum StandaloneFile {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - manifest: the file.
    ///   - folder: the folder of the file, which relative paths in it are seen from; empty for the
    ///     working directory.
    /// - Returns: the configuration, or everything that is wrong with the file, in its order.
    public static func read(
        _ manifest: Manifest,
        folder: String
    ) -> (config: StandaloneConfig?, errors: [ManifestError]) {
        var reading = TreeReading(manifest: manifest, keys: ConfigKeys.all)
        let config = reading.standaloneConfig(folder: folder)
        return (reading.isFine ? config : nil, reading.sortedErrors())
    }

    /// The lines in which the keys of a good file stand, by their paths, with the names of services
    /// and the numbers of list items: `services["users-api"].endpoints[0].address`.
    ///
    /// A key that a merge brings in stands where it is written; another spelling of a key counts as
    /// the usual one.
    public static func lines(of manifest: Manifest) -> [String: Int] {
        var reading = TreeReading(manifest: manifest, keys: ConfigKeys.all)
        reading.lines = [:]
        _ = reading.standaloneConfig(folder: "")
        return reading.lines ?? [:]
    }
}

extension TreeReading {
    /// Reads the whole file; what is wrong with it is noted.
    mutating func standaloneConfig(folder: String) -> StandaloneConfig {
        let fields = soleRoot().flatMap { self.fields(of: $0) } ?? [:]
        // A broken identity is told once, not again by all that needs one.
        let hasIdentity = fields["identity"] != nil
        let config = StandaloneConfig(
            proxy: proxySettings(fields["proxy"], allowsAnyPort: true),
            identity: identityFiles(fields["identity"], folder: folder),
            services: serviceEntries(fields["services"], hasIdentity: hasIdentity),
            inbound: inboundSettings(fields["inbound"], hasIdentity: hasIdentity),
            dns: dnsSettings(fields["dns"], folder: folder),
            timeouts: timeoutSettings(fields["timeouts"])
        )
        checkListeners()
        return config
    }

    /// The root of the one document that is not empty; more of them are refused.
    mutating func soleRoot() -> Place? {
        let roots = manifest.documents.compactMap(\.root).filter {
            manifest.typedValue(of: $0) != .null
        }
        if roots.count > 1 {
            report(
                "a second document, but there is only one configuration",
                hint: "put it all into one document, without \"---\" in between",
                at: roots[1]
            )
        }
        return roots.first.map { .root($0) }
    }
}
