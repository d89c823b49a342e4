// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// Rewrites `--flag=true` and `--flag=false`, which people's scripts have from Linkerd's CLI, to
/// the forms that the argument parser knows.
enum GoFlags {
    /// The flags, and whether `--no-…` exists: where it does not, false is the default.
    private static let flags: [String: Bool] = [
        "--native-sidecar": true, "--ingress": false, "--enable-debug-sidecar": false,
        "--enable-debug-containers": false, "--enable-external-profiles": false,
        "--ignore-cluster": false, "--verbose": false, "--strict": false, "--lenient": false,
        "--diff": false, "--in-place": false, "--json-patch": false, "--manual": false,
        "--linkerd-cni-enabled": false,
    ]

    static func rewrite(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].compactMap(rewrite) + arguments[end...]
    }

    /// Nothing for a flag that is turned off by leaving it out.
    private static func rewrite(_ argument: String) -> String? {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let hasNegation = flags[String(parts[0])],
            let value = try? GoBool(parsing: String(parts[1])).value
        else { return argument }
        if value { return String(parts[0]) }
        return hasNegation ? "--no-" + parts[0].dropFirst(2) : nil
    }
}
