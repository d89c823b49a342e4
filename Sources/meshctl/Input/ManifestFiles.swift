// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Finds and reads the manifests that the user named.
enum ManifestFiles {
    /// What the user sees as the name of stdin.
    static let standardInputName = "<stdin>"

    private static let extensions = [".yaml", ".yml", ".json"]

    /// LIMIT: folders in folders; no repository is deeper.
    private static let depthMax = 64

    /// All manifests of some paths, in the order named, folders by name; and what went wrong.
    static func read(_ paths: [String]) -> (manifests: [Manifest], errors: [ManifestError]) {
        var manifests: [Manifest] = []
        var errors: [ManifestError] = []
        for path in paths {
            do throws(ManifestError) {
                for file in try files(at: path) {
                    do throws(ManifestError) {
                        manifests.append(try manifest(file))
                    } catch {
                        errors.append(error)
                    }
                }
            } catch {
                errors.append(error)
            }
        }
        return (manifests, errors)
    }

    /// One manifest: a file's, or stdin's for `-`.
    static func manifest(_ path: String) throws(ManifestError) -> Manifest {
        let limit = Limits.standard.sourceBytesMax
        let name = path == "-" ? standardInputName : path
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes =
                try path == "-"
                ? Posix.readAll(0, limit: limit) : Posix.readFile(path, limit: limit)
        } catch {
            throw unreadable(name, error)
        }
        return try Manifest(name: name, bytes: bytes)
    }

    // MARK: Folders

    private static func files(at path: String) throws(ManifestError) -> [String] {
        guard path != "-" else { return [path] }
        if let scheme = urlScheme(of: path) {
            throw ManifestError(
                .unreadable,
                "it is an address (\(scheme)), not a path",
                hint: "fetch it first: curl -fsSL ADDRESS | meshctl inject -",
                file: path,
                position: nil
            )
        }
        guard try kind(of: path) == .folder else { return [path] }
        let found = try files(inFolder: path, depth: 0)
        guard !found.isEmpty else {
            throw ManifestError(
                .unreadable,
                "there are no manifests in this directory",
                hint: "it is searched for \(extensions.joined(separator: ", ")), deeply",
                file: path,
                position: nil
            )
        }
        return found
    }

    /// A link inside to a folder is not followed: it could lead in a circle.
    private static func files(
        inFolder folder: String,
        depth: Int
    ) throws(ManifestError) -> [String] {
        guard depth < depthMax else {
            throw ManifestError(
                .tooDeep,
                "directories nested deeper than \(depthMax)",
                file: folder,
                position: nil
            )
        }
        let names: [String]
        do throws(SystemError) {
            names = try Posix.names(in: folder)
        } catch {
            throw unreadable(folder, error)
        }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        var result: [String] = []
        for name in names {
            let path = prefix + name
            let isManifest = extensions.contains { name.hasSuffix($0) }
            if Posix.isLink(path) {
                if isManifest, try kind(of: path) == .file { result.append(path) }
            } else if try kind(of: path) == .folder {
                result += try files(inFolder: path, depth: depth + 1)
            } else if isManifest {
                result.append(path)
            }
        }
        return result
    }

    private static func kind(of path: String) throws(ManifestError) -> Posix.Kind {
        do throws(SystemError) {
            return try Posix.kind(of: path)
        } catch {
            throw unreadable(path, error)
        }
    }

    private static func urlScheme(of path: String) -> String? {
        ["https", "http", "ftp", "s3", "oci"].first { path.hasPrefix($0 + "://") }
    }

    private static func unreadable(_ path: String, _ error: SystemError) -> ManifestError {
        ManifestError(.unreadable, "cannot be read: \(error)", file: path, position: nil)
    }
}
