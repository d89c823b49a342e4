// SPDX-License-Identifier: Apache-2.0

public import ManifestKit

/// What a run made of one manifest.
public struct InjectorOutcome: Sendable {
    /// The manifest as it was.
    public let original: Manifest
    /// The manifest as it is now; the original when there are errors.
    public let result: Manifest
    /// What changed, in source order.
    public let splices: [Splice]
    /// What became of each object, in source order.
    public let entries: [ReportEntry]
    /// Why the manifest was refused; empty when it was not.
    public let errors: [ManifestError]
}

/// Adds the mesh to manifests, and takes it out again.
///
/// Overview: (manifest, options) -> (manifest, report). Each object is judged by its own facts,
/// then all edits of a manifest are carried out at once. Pure: no files, no clock, no cluster.
///
/// Invariants: bytes outside the inserted lines never change; `uninject(inject(x)) = x` for every x
/// without inject's marks and without empty annotations; `inject(inject(x)) = inject(x)` always.
public enum Injector {
    /// Marks the workloads, namespaces and services of a manifest for the mesh.
    public static func inject(_ manifest: Manifest, options: InjectOptions) -> InjectorOutcome {
        var pass = InjectPass(manifest: manifest, options: options)
        for object in manifest.objects() { pass.visit(object) }
        return outcome(manifest, pass.edit, pass.entries, pass.errors)
    }

    /// Removes what `inject` wrote, and nothing else.
    public static func uninject(_ manifest: Manifest) -> InjectorOutcome {
        var pass = UninjectPass(manifest: manifest)
        for object in manifest.objects() { pass.visit(object) }
        return outcome(manifest, pass.edit, pass.entries, pass.errors)
    }

    private static func outcome(
        _ manifest: Manifest,
        _ edit: ManifestEdit,
        _ entries: [ReportEntry],
        _ errors: [ManifestError]
    ) -> InjectorOutcome {
        var result = manifest
        var splices: [Splice] = []
        var errors = errors
        if errors.isEmpty {
            do throws(ManifestError) {
                (result, splices) = try edit.apply()
            } catch {
                errors.append(error)
            }
        }
        return InjectorOutcome(
            original: manifest,
            result: result,
            splices: splices,
            entries: entries,
            errors: errors
        )
    }
}
