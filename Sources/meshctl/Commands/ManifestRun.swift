// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Injector
internal import ManifestKit

/// One run of inject or uninject: read everything, decide everything, then write; or write nothing.
struct ManifestRun {
    /// The subcommand.
    let name: String
    let flags: FileFlags
    /// Whether a workload that stays outside the mesh is an error.
    let isStrict: Bool
    /// Words about the flags themselves.
    var notes: [String] = []
    /// Whether stdout gets the pods' JSON patches in place of the manifest.
    var printsPatches = false

    /// Runs `process` on all manifests, unless `earlier` errors make that pointless.
    func execute(
        after earlier: [ManifestError] = [],
        _ process: ([Manifest]) -> [InjectorOutcome]
    ) throws {
        let (manifests, unread) = ManifestFiles.read(flags.paths)
        let outcomes = earlier.isEmpty ? process(manifests) : []
        let errors = earlier + unread + outcomes.flatMap(\.errors)
        let entries = outcomes.flatMap(\.entries)
        let missed = isStrict ? entries.filter(\.isMissed) : []
        guard errors.isEmpty, missed.isEmpty else {
            report(errors, entries, missed)
            throw ExitCode.failure
        }
        do {
            try write(outcomes)
        } catch let error as ManifestError {
            report([error], entries, [])
            throw ExitCode.failure
        }
        report(entries)
    }

    // MARK: Payload

    private func write(_ outcomes: [InjectorOutcome]) throws {
        if flags.inPlace { return try InPlaceWrite.write(outcomes) }
        if flags.diff {
            let isColoured = Output.Stream.standardOutput.isColoured
            return try Output.write(DiffOutput.bytes(of: outcomes, isColoured: isColoured))
        }
        if printsPatches { return try Output.write(PatchOutput.bytes(of: outcomes)) }
        switch flags.output {
        case .yaml: try Output.write(StreamJoin.bytes(of: outcomes.map(\.result)))
        case .json: try Output.write(StreamJoin.json(of: outcomes.map(\.result)))
        }
    }

    // MARK: Report

    private func writeJSON(_ entries: [ReportEntry], _ errors: [ManifestError]) {
        let text = ReportJSON.text(entries: entries, errors: errors, notes: notes)
        Output.writeLine(text, to: .standardError)
    }

    private func report(_ entries: [ReportEntry]) {
        switch flags.report {
        case .json:
            writeJSON(entries, [])
        case .text:
            writeNotes()
            let isColoured = Output.Stream.standardError.isColoured
            let lines = ReportText(entries, isVerbose: flags.verbose).lines().map { line in
                Colour(line.tone)?.paint(line.text, if: isColoured) ?? line.text
            }
            Output.writeLine(lines.joined(separator: "\n"), to: .standardError)
        }
    }

    private func report(
        _ errors: [ManifestError],
        _ entries: [ReportEntry],
        _ missed: [ReportEntry]
    ) {
        let all = errors + missed.compactMap(\.strictError)
        guard flags.report == .text else {
            return writeJSON(entries, all)
        }
        let isColoured = Output.Stream.standardError.isColoured
        let count = all.count == 1 ? "1 error" : "\(all.count) errors"
        let fate = errors.contains { $0.code == .partlyWritten } ? "" : ", nothing was written"
        writeNotes()
        let head = Colour.red.paint("meshctl \(name): \(count)\(fate)", if: isColoured)
        Output.writeLine(
            ([head] + all.map(\.description)).joined(separator: "\n"),
            to: .standardError
        )
    }

    private func writeNotes() {
        for note in notes { Output.writeLine("meshctl \(name): \(note)", to: .standardError) }
    }
}
