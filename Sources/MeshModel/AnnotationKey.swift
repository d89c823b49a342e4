// SPDX-License-Identifier: Apache-2.0

/// The annotation keys that code refers to by name.
///
/// They are Linkerd's contract, except ``injectedAnnotations`` and ``proxyRetryBudget``.
public enum AnnotationKey {
    /// Whether a workload gets a proxy: ``InjectMode``.
    public static let inject = "linkerd.io/inject"
    /// How often requests that leave a workload may be repeated: ``RetryBudget``.
    public static let proxyRetryBudget = "linkerd.io/proxy-retry-budget"
    /// The program and version that put the proxy in.
    public static let createdBy = "linkerd.io/created-by"
    /// The version of the proxy that was put in.
    public static let proxyVersion = "linkerd.io/proxy-version"
    /// The SHA-256 of the trust anchors that the proxy was given, in hexadecimal.
    public static let trustRootDigest = "linkerd.io/trust-root-sha256"
    /// The container that `kubectl logs` and `exec` mean: Kubernetes' own.
    public static let defaultContainer = "kubectl.kubernetes.io/default-container"
    /// What `meshctl inject` added beyond ``inject``, so that `uninject` removes just that.
    public static let injectedAnnotations = "linkerd.io/injected-annotations"

    /// The prefix of the proxy's settings.
    public static let configPrefix = "config.linkerd.io/"
    /// The prefix of settings on trial.
    public static let alphaPrefix = "config.alpha.linkerd.io/"
    /// The prefix of settings about to be final.
    public static let betaPrefix = "config.beta.linkerd.io/"

    /// Ports passed through without protocol detection.
    public static let opaquePorts = configPrefix + "opaque-ports"
    /// Inbound ports that bypass the proxy.
    public static let skipInboundPorts = configPrefix + "skip-inbound-ports"
    /// Outbound ports that bypass the proxy.
    public static let skipOutboundPorts = configPrefix + "skip-outbound-ports"
    /// Whether the debug container is added.
    public static let enableDebugSidecar = configPrefix + "enable-debug-sidecar"
    /// More environment for the proxy.
    public static let proxyAdditionalEnv = configPrefix + "proxy-additional-env"
    /// Whether the proxy is a native sidecar.
    public static let enableNativeSidecar = configPrefix + "proxy-enable-native-sidecar"

    /// The namespace label that keeps the mesh's webhooks out.
    public static let admissionWebhooksLabel = configPrefix + "admission-webhooks"
    /// The label with the namespace of the mesh that a pod belongs to.
    public static let controlPlaneNamespaceLabel = "linkerd.io/control-plane-ns"
    /// The label with a pod's own namespace.
    public static let workloadNamespaceLabel = "linkerd.io/workload-ns"
    /// The start of the label with the workload that a pod belongs to:
    /// `linkerd.io/proxy-deployment`.
    public static let workloadLabelPrefix = "linkerd.io/proxy-"
    /// The namespace label by which Kubernetes enforces pod security.
    public static let podSecurityLabel = "pod-security.kubernetes.io/enforce"
    /// The label on the mesh's own pods.
    public static let controlPlaneComponentLabel = "linkerd.io/control-plane-component"
}
