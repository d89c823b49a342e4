// SPDX-License-Identifier: Apache-2.0

extension Explanation {
    /// A table for people, with aligned columns; what was overridden stands below what holds.
    ///
    /// In colour, what is not the default and what does not hold stand out.
    public func table(isColoured: Bool) -> String {
        var settings: [[Cell]] = [["SETTING", "VALUE", "SOURCE"].map { Cell($0, .head) }]
        for row in rows {
            let isUsual = row.choice.source == .builtIn
            settings.append([
                Cell(row.name), Cell(row.choice.value, isUsual ? .faint : .plain),
                Cell(Self.words(row.choice.source, of: row), isUsual ? .faint : .set),
            ])
            for choice in row.overridden {
                settings.append([
                    Cell("  not", .lost), Cell(choice.value, .lost),
                    Cell(Self.words(choice.source, of: row), .lost),
                ])
            }
        }
        var idle: [[Cell]] = []
        if !withoutEffect.isEmpty {
            idle = [["WITHOUT EFFECT", "WHY"].map { Cell($0, .head) }]
            idle += withoutEffect.map { [Cell($0.variable, .lost), Cell($0.message)] }
        }
        return [settings, idle].filter { !$0.isEmpty }
            .map { Self.aligned($0, isColoured: isColoured) }.joined(separator: "\n")
    }

    private static func words(_ source: Source, of row: Row) -> String {
        switch source {
        case .flag(let name): name
        case .environment([row.name]): "environment"
        case .environment(let names): names.joined(separator: " ")
        case .file(let path, let line): "\(path):\(line)"
        case .builtIn: "default"
        }
    }

    /// A text, and how it stands out on a terminal.
    private struct Cell {
        /// By its number in ECMA-48, select graphic rendition.
        enum Look: String {
            case plain = ""
            case head = "1"
            case faint = "2"
            case set = "36"
            case lost = "33"
        }

        let text: String
        let look: Look

        /// Nothing at all is a hyphen; what could move a terminal's cursor is escaped.
        init(_ text: String?, _ look: Look = .plain) {
            let text = text ?? "-"
            let quoted = JSONText.quoted(text)
            self.text = quoted.utf8.count == text.utf8.count + 2 ? text : quoted
            self.look = look
        }

        func painted(_ padding: Int, _ isColoured: Bool) -> String {
            let spaces = String(repeating: " ", count: padding)
            guard isColoured, look != .plain else { return text + spaces }
            return "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m\(spaces)"
        }
    }

    /// A long cell moves the rest of its own line, and no other one, to the right.
    private static let widthMax = 64

    private static func aligned(_ lines: [[Cell]], isColoured: Bool) -> String {
        let columns = lines.first?.count ?? 0
        let widths = (0..<columns).map { column in
            lines.map(\.[column].text.count).filter { $0 <= widthMax }.max() ?? 0
        }
        return lines.map { cells in
            cells.enumerated().map { column, cell in
                let isLast = column == columns - 1
                let padding = isLast ? 0 : max(widths[column] - cell.text.count, 0) + 2
                return cell.painted(padding, isColoured)
            }.joined() + "\n"
        }.joined()
    }
}
