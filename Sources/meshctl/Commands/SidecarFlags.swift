// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Injector
internal import ManifestKit
internal import MeshModel

/// The flags for writing the whole sidecar into the file.
struct SidecarFlags: ParsableArguments {
    @Flag(help: "Write the whole sidecar into the file, as the mesh's webhook would into the pods.")
    var manual = false

    @Option(help: .init("The certificates that all proxies trust, in PEM.", valueName: "file"))
    var identityTrustAnchorsFile: String?

    @Option(
        name: [.customShort("f"), .long],
        help: .init("Linkerd's Helm values, or the mesh's own, in YAML.", valueName: "file")
    )
    var values: [String] = []

    @Option(
        name: [.customShort("L"), .long],
        help: .init("The namespace of the mesh (default: linkerd).", valueName: "namespace")
    )
    var linkerdNamespace: String?

    @Flag(
        help: "A CNI plugin redirects the traffic: no init container with rights, a check instead."
    )
    var linkerdCniEnabled = false

    @Flag(help: "Print, for each pod, the JSON patch that the webhook would answer.")
    var jsonPatch = false

    mutating func validate() throws {
        if let linkerdNamespace {
            do throws(ValueError) {
                try KubernetesName.validateLabel(linkerdNamespace)
            } catch {
                throw ValidationError("--linkerd-namespace: \(error.message)")
            }
        }
        guard !manual else { return }
        let given = [
            ("--identity-trust-anchors-file", identityTrustAnchorsFile != nil),
            ("--values", !values.isEmpty), ("--linkerd-cni-enabled", linkerdCniEnabled),
            ("--json-patch", jsonPatch),
        ]
        if let flag = given.first(where: \.1)?.0 {
            throw ValidationError(
                "\(flag) has a meaning only with --manual: without it the mesh's webhook decides."
            )
        }
    }

    /// What the flags and the files they name say of the mesh; nil without `--manual`.
    ///
    /// - Returns: the options and what is wrong with the files.
    func options() -> (options: SidecarOptions?, errors: [ManifestError]) {
        guard manual else { return (nil, []) }
        var mesh = MeshValues()
        var errors: [ManifestError] = []
        for file in values {
            do throws(ManifestError) {
                let found = ValuesReading.read(try ManifestFiles.manifest(file), over: mesh)
                mesh = found.values
                errors += found.errors
            } catch {
                errors.append(error)
            }
        }
        if let linkerdNamespace { mesh.namespace = linkerdNamespace }
        if linkerdCniEnabled { mesh.isCNIEnabled = true }
        do throws(ManifestError) {
            let anchors = try TrustAnchorFile.read(
                identityTrustAnchorsFile,
                else: mesh.trustAnchors
            )
            mesh.trustAnchors = anchors.text
            mesh.trustAnchorsDigest = anchors.digest
        } catch {
            errors.append(error)
        }
        let createdBy = "meshctl/cli \(MeshVersion.current)"
        return (SidecarOptions(values: mesh, createdBy: createdBy), errors)
    }
}
