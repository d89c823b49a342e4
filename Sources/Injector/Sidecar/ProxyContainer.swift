// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The container `linkerd-proxy`.
struct ProxyContainer {
    let settings: SidecarSettings
    let ports: PodPorts

    func node() -> NewNode {
        var entries = [
            NewEntry("name", .string(SidecarName.proxy)),
            NewEntry("image", .string(settings.proxyImage)),
            NewEntry("imagePullPolicy", .string(settings.config("image-pull-policy"))),
            NewEntry("command", .sequence([.string("meshctl"), .string("proxy")])),
            NewEntry(
                "env",
                .sequence(ProxyEnvironment(settings: settings, ports: ports).variables())
            ),
            NewEntry(
                "ports",
                .sequence([
                    port(settings.inboundPort, "linkerd-proxy"),
                    port(settings.adminPort, "linkerd-admin"),
                ])
            ),
            NewEntry("livenessProbe", probe("/live", [("initialDelaySeconds", 10)])),
            NewEntry("readinessProbe", probe("/ready", [("initialDelaySeconds", 2)])),
        ]
        if settings.isNative {
            if settings.awaitsProxy {
                // Two minutes of one-second steps: the application starts as soon as it may.
                let steps = [("periodSeconds", 1), ("failureThreshold", 120)]
                entries.append(NewEntry("startupProbe", probe("/ready", steps)))
            }
            entries.append(NewEntry("restartPolicy", .string("Always")))
        } else if let lifecycle {
            entries.append(NewEntry("lifecycle", lifecycle))
        }
        if let resources = SidecarResources(settings: settings).node() {
            entries.append(NewEntry("resources", resources))
        }
        let rights = SecurityContext(userID: settings.userID, groupID: settings.groupID)
        return .mapping(
            entries + [
                NewEntry("securityContext", rights.node()),
                NewEntry("terminationMessagePolicy", .string("FallbackToLogsOnError")),
                NewEntry("volumeMounts", SidecarVolumes.mounts()),
            ]
        )
    }

    private func port(_ number: Int, _ name: String) -> NewNode {
        .mapping([
            NewEntry("containerPort", .integer(number)), NewEntry("name", .string(name)),
        ])
    }

    private func probe(_ path: String, _ timing: [(String, Int)]) -> NewNode {
        let get = NewNode.mapping([
            NewEntry("path", .string(path)), NewEntry("port", .integer(settings.adminPort)),
        ])
        return .mapping(
            [NewEntry("httpGet", get)] + timing.map { NewEntry($0.0, .integer($0.1)) }
                + [NewEntry("timeoutSeconds", .integer(1))]
        )
    }

    /// Classic form: the kubelet starts the next container only after postStart, and ends this one
    /// only after preStop.
    private var lifecycle: NewNode? {
        var hooks: [NewEntry] = []
        if settings.awaitsProxy {
            let command = [
                "meshctl-proxy", "await", "--timeout=2m", "--port=\(settings.adminPort)",
            ]
            let exec = NewNode.mapping([
                NewEntry("command", .sequence(command.map { .string($0) }))
            ])
            hooks.append(NewEntry("postStart", .mapping([NewEntry("exec", exec)])))
        }
        let seconds = settings.waitBeforeExitSeconds
        if seconds > 0 {
            let sleep = NewNode.mapping([NewEntry("seconds", .integer(seconds))])
            hooks.append(NewEntry("preStop", .mapping([NewEntry("sleep", sleep)])))
        }
        return hooks.isEmpty ? nil : .mapping(hooks)
    }
}

/// What the proxy and the init container may use, where somebody has set it.
struct SidecarResources {
    let settings: SidecarSettings

    private static let names = [
        ("cpu", "cpu"), ("memory", "memory"), ("ephemeral-storage", "ephemeral-storage"),
    ]

    func node() -> NewNode? {
        var groups: [NewEntry] = []
        for (field, suffix) in [("limits", "limit"), ("requests", "request")] {
            let entries = Self.names.compactMap { resource, name -> NewEntry? in
                let text = settings.config("proxy-\(name)-\(suffix)")
                return text.isEmpty ? nil : NewEntry(resource, .string(text))
            }
            if !entries.isEmpty { groups.append(NewEntry(field, .mapping(entries))) }
        }
        return groups.isEmpty ? nil : .mapping(groups)
    }

    /// The resources whose limit is below their request, which Kubernetes refuses.
    func contradictions() -> [String] {
        Self.names.compactMap { resource, name in
            guard let limit = settings.quantity("proxy-\(name)-limit"),
                let request = settings.quantity("proxy-\(name)-request"), limit < request
            else { return nil }
            return
                "the proxy's \(resource) limit \(settings.config("proxy-\(name)-limit")) is less "
                + "than its request \(settings.config("proxy-\(name)-request"))"
        }
    }
}
