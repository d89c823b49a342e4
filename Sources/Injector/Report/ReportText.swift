// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// A report for people: a line an object, warnings first.
public struct ReportText {
    /// How a line is to be coloured.
    public enum Tone: Sendable {
        /// Nothing special.
        case plain
        /// It worked.
        case good
        /// Worth a look.
        case warning
    }

    /// One line.
    public struct Line: Sendable {
        /// Without its line break.
        public let text: String
        /// What it means.
        public let tone: Tone
    }

    private let entries: [ReportEntry]
    private let isVerbose: Bool
    private let namesFiles: Bool

    /// Takes the entries of a whole run; `isVerbose` adds what was checked and what was set.
    public init(_ entries: [ReportEntry], isVerbose: Bool) {
        self.entries = entries
        self.isVerbose = isVerbose
        namesFiles = Set(entries.map(\.file)).count > 1
    }

    /// The lines, with blank ones around the parts.
    public func lines() -> [Line] {
        let blank = Line(text: "", tone: .plain)
        let warnings = entries.flatMap { entry in
            entry.warnings.map { Line(text: text(of: $0, about: entry), tone: .warning) }
        }
        var lines = [blank]
        if !warnings.isEmpty { lines += warnings + [blank] }
        if entries.isEmpty { lines.append(Line(text: "no objects found", tone: .warning)) }
        for entry in entries { lines += self.lines(for: entry) }
        return lines + [blank]
    }

    private func lines(for entry: ReportEntry) -> [Line] {
        var text =
            (namesFiles ? "\(entry.file): " : "") + title(of: entry) + " \(entry.result.word)"
        if case .skipped(let reason) = entry.result {
            if let message = reason.message { text += ": \(message)" }
        } else if !entry.isChanged {
            text += " already"
        }
        let isSkipped = entry.result.word == "skipped"
        var lines = [Line(text: text, tone: isSkipped ? .plain : .good)]
        guard isVerbose else { return lines }
        lines += entry.passedChecks.map { Line(text: "    √ \($0)", tone: .good) }
        lines += entry.additions.map { Line(text: "    + \(oneLine($0))", tone: .plain) }
        return lines
    }

    private func text(of warning: Finding, about entry: ReportEntry) -> String {
        let place = warning.position.map { "\(entry.file):\($0): " } ?? "\(entry.file): "
        return "‼ \(place)\(title(of: entry)): \(warning.message)"
    }

    /// `deployment "webapp"`, as Linkerd writes it.
    private func title(of entry: ReportEntry) -> String {
        guard !entry.kind.isEmpty else { return "document in line \(entry.position.line)" }
        let name = ValueError.quote(entry.name)
        return "\(ReportEntry.printable(entry.kind.lowercased())) \(name)"
    }

    /// LIMIT: 120 characters; a terminal line and a half.
    private static let additionMax = 120

    /// A value may be a text of many lines, with anything in it.
    private func oneLine(_ text: String) -> String {
        var shown = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
        while shown.last == " " { shown.removeLast() }
        return shown.count > Self.additionMax ? shown.prefix(Self.additionMax - 1) + "…" : shown
    }
}
