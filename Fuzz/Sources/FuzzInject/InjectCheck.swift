// SPDX-License-Identifier: Apache-2.0

internal import Injector
internal import ManifestKit

/// What the fuzz target asks of any bytes: what reads as a manifest keeps the laws, in both modes.
enum InjectCheck {
    private static let sidecars: [InjectForm] = [.native, .classic, .plugin, .debug]

    /// The law that is broken, in words; nil when all hold.
    static func failure(of bytes: [UInt8]) -> String? {
        guard let manifest = try? Manifest(name: "input", bytes: bytes) else { return nil }
        // Which form and which order depend on the input alone, so that it can be tried again.
        let sum = bytes.reduce(0) { $0 &* 31 &+ Int($1) }
        let sidecar = sidecars[(sum >> 1) & 3]
        let isEven = sum & 1 == 0
        return failure(of: manifest, .annotated, after: isEven ? .ingress : sidecar)
            ?? failure(of: manifest, sidecar, after: isEven ? .annotated : .debug)
    }

    private static func failure(
        of manifest: Manifest,
        _ form: InjectForm,
        after other: InjectForm
    ) -> String? {
        do {
            var options = try form.options()
            try options.set("config.linkerd.io/proxy-log-level", to: "trace")
            let breach = InjectLaws(manifest).breach(options, after: try other.options())
            return breach.map { "\(form) after \(other): \($0)" }
        } catch {
            return "the options of \(form) are refused: \(error)"
        }
    }
}
