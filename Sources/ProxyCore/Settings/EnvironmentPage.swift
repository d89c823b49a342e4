// SPDX-License-Identifier: Apache-2.0

/// The page `/env.json`: the environment that the proxy was started with, without its secrets.
///
/// Values are shown of variables that are known to hold none. Anybody may add others to the proxy's
/// container, and a name does not tell what a value is worth: of those only the names are shown.
public enum EnvironmentPage {
    /// What stands in the place of a value that is not shown.
    public static let redacted = "[redacted]"

    /// Known names that are not the proxy's own: what Kubernetes, the injector and images set.
    private static let plainNames: Set<String> = [
        "HOME", "HOSTNAME", "LANG", "LC_ALL", "MESHCTL_PROXY_CONFIG", "PATH", "PWD", "SHLVL", "TZ",
        "_pod_containerName", "_pod_ip", "_pod_name", "_pod_nodeName", "_pod_ns", "_pod_sa",
        "_pod_uid",
    ]

    /// A JSON object of all variables, or of these; nil for those that are not there.
    public static func json(
        _ variables: [(name: String, value: String)],
        only names: [String]? = nil
    ) -> String {
        var values: [String: String] = [:]
        for (name, value) in variables where values[name] == nil {
            values[name] = shown(name, value)
        }
        let members = Set(names ?? Array(values.keys)).sorted().map { name in
            "\(JSONText.quoted(name)):" + (values[name].map { JSONText.quoted($0) } ?? "null")
        }
        return "{\(members.joined(separator: ","))}\n"
    }

    /// The value of a variable as it may be shown.
    static func shown(_ name: String, _ value: String) -> String {
        let isKnown = ProxyVariable.named(name) != nil || plainNames.contains(name)
        // A bundle of certificates that has a key in it by mistake.
        return isKnown && !value.contains("PRIVATE KEY") ? value : redacted
    }
}
