// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshConfig
internal import MeshModel
internal import ProxyCore

/// Where the settings come from: the file, and what is laid over it.
struct ConfigSource {
    let path: String
    let environment: ProxyEnvironment
    let arguments: ProxyArguments

    /// The variable that stands in for `--config`.
    static let variable = "MESHCTL_PROXY_CONFIG"

    /// What the file system says of the file.
    var stamp: FileStamp? { Files.stamp(of: path) }

    /// Reads the file, and lays environment and flags over it.
    func read() -> (setup: ProxySetup?, errors: [ManifestError]) {
        let (file, errors) = readFile()
        guard let file else { return (nil, errors) }
        return (ProxySetup(file.config, environment, arguments), [])
    }

    /// The same, and where each value comes from.
    func explain() -> (explanation: Explanation?, errors: [ManifestError]) {
        let (file, errors) = readFile()
        guard let file else { return (nil, errors) }
        let sources = SettingSources(
            config: file.config,
            lines: StandaloneFile.lines(of: file.manifest),
            source: self
        )
        return (sources.explanation, [])
    }

    private struct File {
        let manifest: Manifest
        let config: StandaloneConfig
    }

    private func readFile() -> (file: File?, errors: [ManifestError]) {
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
        let (config, errors) = StandaloneFile.read(manifest, folder: folder)
        guard let config, errors.isEmpty else { return (nil, errors) }
        if let error = contradiction(to: config) { return (nil, [error]) }
        return (File(manifest: manifest, config: config), [])
    }

    /// What is right in the file and right in the environment, but not together.
    private func contradiction(to config: StandaloneConfig) -> ManifestError? {
        let dns = ProxySetup(config, environment).config.dns
        guard dns.ttlMin > dns.ttlMax else { return nil }
        return ManifestError(
            .badValue,
            "answers about names would hold at least \(dns.ttlMin) and at most \(dns.ttlMax)",
            hint: "LINKERD2_PROXY_DNS_MIN_TTL and _MAX_TTL come before dns.minTTL and dns.maxTTL",
            file: path,
            position: nil
        )
    }
}
