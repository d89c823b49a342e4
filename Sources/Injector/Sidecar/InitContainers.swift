// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The containers that prepare a pod's network, and the one that looks into it.
struct InitContainers {
    let settings: SidecarSettings
    private var values: MeshValues { settings.values }

    /// LIMIT: 65534 is `nobody`: a user that owns nothing.
    private static let nobody = 65534

    /// The container that goes first: it redirects the pod's traffic, or, where a CNI plugin does
    /// that, proves that it is done.
    func first() -> NewNode { values.isCNIEnabled ? validator() : redirect() }

    /// `linkerd-init`: the one container with rights over the pod's network.
    private func redirect() -> NewNode {
        let isRoot = settings.closeWaitSeconds != nil && values.initRunsAsRoot
        let rights = SecurityContext(
            userID: isRoot ? 0 : Self.nobody,
            groupID: isRoot ? 0 : Self.nobody,
            capabilities: ["NET_ADMIN", "NET_RAW"],
            isPrivileged: isRoot
        )
        return container(
            SidecarName.initContainer,
            // Not `meshctl proxy-init`: under no-new-privileges a file's capabilities count only in
            // the first program of a container, because any other lets go of them.
            command: ["meshctl-init"],
            arguments: redirectArguments(),
            resources: SidecarResources(settings: settings).node(),
            rights
        )
    }

    private func redirectArguments() -> [String] {
        var arguments = values.isIPv6Disabled ? ["--ipv6=false"] : []
        arguments += ["--incoming-proxy-port", "\(settings.inboundPort)"]
        arguments += ["--outgoing-proxy-port", "\(settings.outboundPort)"]
        arguments += ["--proxy-uid", "\(settings.userID)"]
        if let group = settings.groupID { arguments += ["--proxy-gid", "\(group)"] }
        let own = PortList(
            [settings.controlPort, settings.adminPort].map { PortRange(UInt16($0)) }
        )
        let inbound = [own, settings.ports(AnnotationKey.skipInboundPorts)]
            .filter { !$0.isEmpty }.map(\.description).joined(separator: ",")
        arguments += ["--inbound-ports-to-ignore", inbound]
        let outbound = settings.ports(AnnotationKey.skipOutboundPorts)
        if !outbound.isEmpty { arguments += ["--outbound-ports-to-ignore", outbound.description] }
        if let seconds = settings.closeWaitSeconds {
            arguments += ["--timeout-close-wait-secs", "\(seconds)"]
        }
        let subnets = settings.config("skip-subnets")
        if !subnets.isEmpty { arguments += ["--subnets-to-ignore", subnets] }
        return arguments
    }

    /// `linkerd-network-validator`: connects to an address that only a redirect makes answer.
    private func validator() -> NewNode {
        let port = settings.outboundPort
        let isIPv4 = values.isIPv6Disabled
        return container(
            SidecarName.validator,
            // Not the init tool: its file's capabilities cannot be had where all are dropped.
            command: ["meshctl-proxy", "await-redirect"],
            arguments: [
                "--log-format", "plain", "--log-level", "debug",
                "--connect-addr", isIPv4 ? "1.1.1.1:20001" : "[fd00::1]:20001",
                "--listen-addr", isIPv4 ? "0.0.0.0:\(port)" : "[::]:\(port)",
                "--timeout", "10s",
            ],
            resources: SidecarResources(settings: settings).node(),
            SecurityContext(userID: Self.nobody, groupID: Self.nobody)
        )
    }

    /// `linkerd-debug`: waits for `kubectl exec`.
    func debug() -> NewNode {
        let always = NewNode.mapping([
            NewEntry("exec", .mapping([NewEntry("command", .sequence([.string("true")]))]))
        ])
        return .mapping([
            NewEntry("name", .string(SidecarName.debug)),
            NewEntry("image", .string(settings.debugImage)),
            NewEntry("imagePullPolicy", .string(settings.config("debug-image-pull-policy"))),
            NewEntry("livenessProbe", always),
            NewEntry("readinessProbe", always),
            NewEntry(
                "securityContext",
                SecurityContext(userID: Self.nobody, groupID: Self.nobody).node()
            ),
            NewEntry("terminationMessagePolicy", .string("FallbackToLogsOnError")),
        ])
    }

    private func container(
        _ name: String,
        command: [String],
        arguments: [String],
        resources: NewNode?,
        _ rights: SecurityContext
    ) -> NewNode {
        var entries = [
            NewEntry("name", .string(name)),
            NewEntry("image", .string(settings.proxyImage)),
            NewEntry("imagePullPolicy", .string(settings.config("image-pull-policy"))),
            NewEntry("command", .sequence(command.map { .string($0) })),
            NewEntry("args", .sequence(arguments.map { .string($0) })),
        ]
        if let resources { entries.append(NewEntry("resources", resources)) }
        entries.append(NewEntry("securityContext", rights.node()))
        entries.append(
            NewEntry("terminationMessagePolicy", .string("FallbackToLogsOnError"))
        )
        return .mapping(entries)
    }
}
