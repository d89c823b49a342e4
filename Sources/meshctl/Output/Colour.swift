// SPDX-License-Identifier: Apache-2.0

internal import Injector
internal import ManifestKit

/// The colours of a terminal (ECMA-48, select graphic rendition).
enum Colour: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
    case bold = "1"

    /// A text in this colour; as it is where `isOn` is false.
    func paint(_ text: String, if isOn: Bool) -> String {
        isOn ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }

    /// The colour of a diff's line; nil for plain.
    init?(_ kind: UnifiedDiff.Line.Kind) {
        switch kind {
        case .header: self = .bold
        case .hunk: self = .cyan
        case .removed: self = .red
        case .added: self = .green
        case .context, .note: return nil
        }
    }

    /// The colour of a report's line; nil for plain.
    init?(_ tone: ReportText.Tone) {
        switch tone {
        case .good: self = .green
        case .warning: self = .yellow
        case .plain: return nil
        }
    }
}
