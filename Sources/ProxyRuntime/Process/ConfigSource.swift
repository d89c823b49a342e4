// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// Where the settings come from: the file, and what is laid over it.
struct ConfigSource {
    let path: String
    /// The environment of an injected pod; nil for a proxy that was started by hand.
    let environment: ProxyEnvironment?
    let arguments: ProxyArguments

    /// What the file system says of the file.
    var stamp: FileStamp? { Files.stamp(of: path) }

    /// Reads the file, and lays environment and flags over it.
    func read() -> (setup: ProxySetup?, errors: [ManifestError]) {
        let (config, errors) = readFile()
        guard let config, errors.isEmpty else { return (nil, errors) }
        var setup = ProxySetup(config)
        if let environment { setup.apply(environment) }
        arguments.apply(to: &setup)
        return (setup, [])
    }

    private func readFile() -> (config: StandaloneConfig?, errors: [ManifestError]) {
        let manifest: Manifest
        do throws(Errno) {
            let bytes = try Files.read(path, limit: Limits.standard.sourceBytesMax)
            do throws(ManifestError) {
                manifest = try Manifest(name: path, bytes: bytes)
            } catch {
                return (nil, [error])
            }
        } catch {
            let message = "cannot be read: \(error)"
            return (nil, [ManifestError(.unreadable, message, file: path, position: nil)])
        }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        return StandaloneFile.read(manifest, folder: folder)
    }
}
