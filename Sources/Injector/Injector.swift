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
    /// What the admission webhook would answer for each pod that got the whole sidecar.
    public let patches: [PodPatch]
}

/// The change of one pod as a JSON patch.
public struct PodPatch: Sendable {
    /// The workload whose pod template is meant.
    public let entry: ReportEntry
    /// The operations (RFC 6902); paths start at the pod.
    public let operations: NewNode
}

/// Adds the mesh to manifests, and takes it out again.
///
/// Overview: (manifest, options) -> (manifest, report). Each object is judged by its own facts,
/// then all edits of a manifest are carried out at once. Pure: no files, no clock, no cluster.
///
/// Invariants: bytes outside the inserted lines never change; `uninject(inject(x)) = x` for every x
/// without inject's marks; `inject(inject(x)) = inject(x)` always.
public enum Injector {
    /// Marks the workloads, namespaces and services of a manifest for the mesh, or writes the whole
    /// sidecar into the pods.
    ///
    /// A sidecar of an earlier run is taken out first, so that nothing is ever there twice.
    public static func inject(_ manifest: Manifest, options: InjectOptions) -> InjectorOutcome {
        let (stripped, marks) = strip(manifest, beforeSidecar: options.sidecar != nil)
        guard stripped.errors.isEmpty else { return stripped }
        let middle = stripped.result
        var pass = InjectPass(manifest: middle, options: options)
        for (object, mark) in zip(middle.objects(), marks) { pass.visit(object, stripped: mark) }
        let (result, splices, errors) = carryOut(pass.edit, pass.errors)
        let lines = SplicedLines(
            source: manifest.source,
            splices: stripped.splices,
            spliced: middle.source
        )
        // A refused manifest stays as it was, what an earlier run wrote included.
        let all =
            errors.isEmpty
            ? Splice.composing(stripped.splices, splices, on: manifest.source.bytes) : []
        return InjectorOutcome(
            original: manifest,
            result: errors.isEmpty ? result : manifest,
            splices: all,
            entries: entries(pass.entries.map(lines.original), of: manifest, all),
            errors: errors.map(lines.original),
            patches: pass.patches
        )
    }

    /// Removes what `inject` wrote, and nothing else.
    public static func uninject(_ manifest: Manifest) -> InjectorOutcome {
        remove(from: manifest, .everything) { _, _ in true }.outcome
    }

    /// Takes out of the workloads what would get in the way of this run; the annotations of
    /// namespaces and services are changed in place.
    private static func strip(
        _ manifest: Manifest,
        beforeSidecar: Bool
    ) -> (outcome: InjectorOutcome, marks: [InjectMark]) {
        remove(from: manifest, .marked) { object, mark in
            guard case .workload = object.role else { return false }
            if mark.hasSidecar || !beforeSidecar { return mark.hasSidecar }
            // A pod that gets no sidecar keeps what it has.
            let template = PodTemplate(of: object, in: manifest)
            return template?.containers(in: "containers").isEmpty == false
        }
    }

    private static func remove(
        from manifest: Manifest,
        _ scope: MetadataRemoval.Scope,
        where isMeant: (ManifestObject, InjectMark) -> Bool
    ) -> (outcome: InjectorOutcome, marks: [InjectMark]) {
        var pass = UninjectPass(manifest: manifest, scope: scope)
        for object in manifest.objects() { pass.visit(object, where: isMeant) }
        let (result, splices, errors) = carryOut(pass.edit, pass.errors)
        let outcome = InjectorOutcome(
            original: manifest,
            result: result,
            splices: splices,
            entries: entries(pass.entries, of: manifest, splices),
            errors: errors,
            patches: []
        )
        return (outcome, pass.marks)
    }

    private static func carryOut(
        _ edit: ManifestEdit,
        _ errors: [ManifestError]
    ) -> (manifest: Manifest, splices: [Splice], errors: [ManifestError]) {
        guard errors.isEmpty else { return (edit.manifest, [], errors) }
        do throws(ManifestError) {
            let (manifest, splices) = try edit.apply()
            return (manifest, splices, [])
        } catch {
            return (edit.manifest, [], [error])
        }
    }

    /// The entries with a word on whether any byte of their object changed.
    private static func entries(
        _ entries: [ReportEntry],
        of manifest: Manifest,
        _ splices: [Splice]
    ) -> [ReportEntry] {
        let objects = manifest.objects()
        // With errors there may be fewer entries than objects, and nothing changed.
        guard objects.count == entries.count, !splices.isEmpty else { return entries }
        var rest = splices[...]
        return zip(objects, entries).map { object, entry in
            let lines = manifest.lines(of: object.node)
            rest = rest.drop { $0.range.lowerBound < lines.lowerBound }
            var entry = entry
            entry.isChanged = rest.first.map { lines.contains($0.range.lowerBound) } ?? false
            return entry
        }
    }
}
