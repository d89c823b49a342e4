// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// The names of what the mesh puts into a pod: a contract with tools and with uninject.
enum SidecarName {
    static let proxy = "linkerd-proxy"
    static let initContainer = "linkerd-init"
    static let validator = "linkerd-network-validator"
    static let debug = "linkerd-debug"

    static let initContainers: Set<String> = [initContainer, validator, proxy]
    static let containers: Set<String> = [proxy, debug]
}

/// The volumes of a meshed pod.
enum SidecarVolumes {
    static let identityName = "linkerd-identity-end-entity"
    static let identityPath = "/var/run/linkerd/identity/end-entity"
    static let tokenName = "linkerd-identity-token"
    static let tokenPath = "/var/run/secrets/tokens"

    static let names: Set<String> = [identityName, tokenName]

    /// The proxy's key in memory, and the token by which the identity service knows the pod.
    static func volumes() -> [NewNode] {
        let token = NewNode.mapping([
            // No other service takes a token for this audience.
            NewEntry("audience", .string("identity.l5d.io")),
            NewEntry("expirationSeconds", .integer(86400)),
            NewEntry("path", .string(tokenName)),
        ])
        return [
            .mapping([
                NewEntry("name", .string(identityName)),
                NewEntry("emptyDir", .mapping([NewEntry("medium", .string("Memory"))])),
            ]),
            .mapping([
                NewEntry("name", .string(tokenName)),
                NewEntry(
                    "projected",
                    .mapping([
                        NewEntry(
                            "sources",
                            .sequence([.mapping([NewEntry("serviceAccountToken", token)])])
                        )
                    ])
                ),
            ]),
        ]
    }

    /// Where the proxy sees them.
    static func mounts() -> NewNode {
        .sequence(
            [(identityPath, identityName), (tokenPath, tokenName)].map { path, name in
                .mapping([
                    NewEntry("mountPath", .string(path)), NewEntry("name", .string(name)),
                ])
            }
        )
    }
}
