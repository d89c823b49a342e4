// SPDX-License-Identifier: Apache-2.0

public import ManifestKit

/// A report for scripts: one JSON object.
public enum ReportJSON {
    /// `{"success", "errors": [...], "notes": [...], "objects": [...]}` on one line.
    ///
    /// Notes are about the run as a whole.
    public static func text(
        entries: [ReportEntry],
        errors: [ManifestError],
        notes: [String] = []
    ) -> String {
        DocumentWriter.json(
            .mapping([
                NewEntry("success", .boolean(errors.isEmpty)),
                NewEntry("errors", .sequence(errors.map(node(of:)))),
                NewEntry("notes", .sequence(notes.map { .string($0) })),
                NewEntry("objects", .sequence(entries.map(node(of:)))),
            ])
        )
    }

    private static func node(of error: ManifestError) -> NewNode {
        .mapping(
            [
                NewEntry("file", .string(error.file)),
                NewEntry("code", .string(error.code.description)),
                NewEntry("message", .string(error.message)),
            ] + place(error.position)
                + (error.hint.map { [NewEntry("hint", .string($0))] } ?? [])
        )
    }

    private static func node(of entry: ReportEntry) -> NewNode {
        var fields = [
            NewEntry("file", .string(entry.file)),
            NewEntry("line", .integer(entry.position.line)),
            NewEntry("apiVersion", .string(entry.apiVersion)),
            NewEntry("kind", .string(entry.kind)),
            NewEntry("name", .string(entry.name)),
        ]
        if let namespace = entry.namespace {
            fields.append(NewEntry("namespace", .string(namespace)))
        }
        fields.append(NewEntry("result", .string(entry.result.word)))
        if case .skipped(let reason) = entry.result {
            fields.append(NewEntry("reason", .string(reason.code)))
            if let message = reason.message { fields.append(NewEntry("message", .string(message))) }
        }
        fields += [
            NewEntry("changed", .boolean(entry.isChanged)),
            NewEntry("additions", .sequence(entry.additions.map { .string($0) })),
            NewEntry(
                "warnings",
                .sequence(
                    entry.warnings.map { warning in
                        .mapping(
                            [NewEntry("message", .string(warning.message))]
                                + place(warning.position)
                        )
                    }
                )
            ),
        ]
        return .mapping(fields)
    }

    private static func place(_ position: Position?) -> [NewEntry] {
        guard let position else { return [] }
        return [
            NewEntry("line", .integer(position.line)),
            NewEntry("column", .integer(position.column)),
        ]
    }
}
