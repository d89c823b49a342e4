// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// What one installed mesh says of all its proxies: the part of Linkerd's Helm values that a
/// sidecar depends on.
public struct MeshValues: Equatable, Sendable {
    /// The namespace of the mesh's control plane.
    public var namespace = "linkerd"
    /// The cluster's DNS domain.
    public var clusterDomain = "cluster.local"
    /// The domain of identities; empty means the cluster's.
    public var identityTrustDomain = ""
    /// The address ranges of the cluster, comma-separated.
    public var clusterNetworks = "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8"
    /// The certificates that every proxy trusts, as PEM text.
    public var trustAnchors = ""
    /// The SHA-256 of that text, in hexadecimal.
    public var trustAnchorsDigest = ""
    /// Whether IPv6 is left alone.
    public var isIPv6Disabled = true
    /// Whether a CNI plugin redirects the pods' traffic, so that no init container has to.
    public var isCNIEnabled = false
    /// Whether the init container may be root and privileged.
    public var initRunsAsRoot = false
    /// Settings in place of the catalog's defaults, by annotation key.
    var settings: [String: String] = [:]

    /// Makes the values of a mesh that was installed without any flag.
    public init() {}

    /// The domain of identities.
    var trustDomain: String { identityTrustDomain.isEmpty ? clusterDomain : identityTrustDomain }

    /// The DNS name of one of the control plane's services, with the root's dot.
    func serviceHost(_ service: String) -> String {
        "\(service).\(namespace).svc.\(clusterDomain)."
    }

    /// The identity of a service account of the control plane.
    func controlPlaneIdentity(_ serviceAccount: String) -> String {
        "\(serviceAccount).\(namespace).serviceaccount.identity.\(namespace).\(trustDomain)"
    }
}
