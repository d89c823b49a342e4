// SPDX-License-Identifier: Apache-2.0

import Injector

/// Makes up what a user asks of inject.
struct OptionsGenerator {
    var random: SeededGenerator
    /// In percent; a whole sidecar takes ten times as long as an annotation.
    let sidecars: Int

    private static let settings = [
        ("config.linkerd.io/proxy-log-level", ["warn,linkerd=debug", "trace"]),
        ("config.linkerd.io/skip-outbound-ports", ["3306", "4000-4010,25"]),
        ("config.linkerd.io/skip-inbound-ports", ["22"]),
        ("config.linkerd.io/opaque-ports", ["3306", "80,mysql"]),
        ("config.linkerd.io/proxy-cpu-limit", ["1500m", "2"]),
        ("config.linkerd.io/proxy-memory-request", ["64Mi"]),
        ("config.linkerd.io/proxy-version", ["edge-26.1.1"]),
        ("config.linkerd.io/proxy-await", ["disabled"]),
        ("config.linkerd.io/admin-port", ["4193"]),
        ("config.linkerd.io/proxy-additional-env", ["[{\"name\": \"A\", \"value\": \"x: 'y'\"}]"]),
        ("config.linkerd.io/proxy-enable-native-sidecar", ["false"]),
        ("config.linkerd.io/enable-debug-sidecar", ["true"]),
        ("config.linkerd.io/default-inbound-policy", ["deny"]),
    ]

    mutating func options() throws -> InjectOptions {
        let form = random.chance(sidecars) ? random.pick(InjectForm.allCases) : .annotated
        var options = try form.options()
        if random.chance(15) { options.isIngress = true }
        if random.chance(10) { options.isLenient = true }
        guard random.chance(60) else { return options }
        for (key, values) in Self.settings where random.chance(20) {
            try options.set(key, to: random.pick(values))
        }
        return options
    }
}
