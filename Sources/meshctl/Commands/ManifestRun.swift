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

    func execute(_ process: (Manifest) -> InjectorOutcome) throws {
        if flags.report == .text {
            for note in notes { Output.writeLine("meshctl \(name): \(note)", to: .standardError) }
        }
        var (manifests, errors) = ManifestFiles.read(flags.paths)
        let outcomes = manifests.map(process)
        manifests = []
        errors += outcomes.flatMap(\.errors)
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
        if flags.inPlace {
            try InPlaceWrite.write(outcomes)
        } else if flags.diff {
            let isColoured = Output.Stream.standardOutput.isColoured
            try Output.write(DiffOutput.bytes(of: outcomes, isColoured: isColoured))
        } else if flags.output == .json {
            try Output.write(StreamJoin.json(of: outcomes.map(\.result)))
        } else {
            try Output.write(StreamJoin.bytes(of: outcomes.map(\.result)))
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
            writeJSON(entries, all)
            return
        }
        let isColoured = Output.Stream.standardError.isColoured
        let count = all.count == 1 ? "1 error" : "\(all.count) errors"
        let head = Colour.red.paint(
            "meshctl \(name): \(count), nothing was written",
            if: isColoured
        )
        Output.writeLine(
            ([head] + all.map(\.description)).joined(separator: "\n"),
            to: .standardError
        )
    }
}
