// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// Walks a tree by the table of its keys, and collects everything that is wrong with it.
///
/// Reading goes on past an error, so that one run shows all of them; what was refused is nil.
/// Aliases and merge keys are read through.
struct TreeReading {
    /// LIMIT: nobody corrects more errors than this in one go, and a hostile file has millions.
    static let errorsMax = 1000
    /// LIMIT: `Manifest.mergedEntries` looks this deep into merges of merges.
    private static let mergeDepthMax = 15

    let manifest: Manifest
    /// The keys that the tree may have.
    private let keys: [ConfigKey]
    /// The same by what holds them.
    private let keysByHolder: [String: [ConfigKey]]
    /// Every listener of the tree, to be held against each other.
    var listeners: [Listener] = []
    /// Where each key stands, by its path for a person; nil where nobody wants to know.
    var lines: [String: Int]?
    private var errors: [ManifestError] = []
    /// Mappings that have been checked, with the depth of their merges: one is reached by many
    /// aliases, and its keys are wrong only once.
    private var mergeDepths: [NodeID: Int] = [:]

    init(manifest: Manifest, keys: [ConfigKey]) {
        self.manifest = manifest
        self.keys = keys
        keysByHolder = Dictionary(grouping: keys, by: \.holder)
    }

    /// Whether nothing was wrong so far.
    var isFine: Bool { errors.isEmpty }

    /// What is wrong, in the order of the file.
    func sortedErrors() -> [ManifestError] {
        let start = Position(line: 1, column: 1)
        let sorted = errors.enumerated().sorted { left, right in
            (left.element.position ?? start, left.offset)
                < (right.element.position ?? start, right.offset)
        }
        guard errors.count == Self.errorsMax else { return sorted.map(\.element) }
        let more = ManifestError(
            .badValue,
            "there may be more errors than these \(Self.errorsMax)",
            hint: "correct these first",
            file: manifest.source.name,
            position: nil
        )
        return sorted.map(\.element) + [more]
    }

    /// Notes that a place is wrong.
    mutating func report(
        _ message: String,
        as code: ManifestError.Code = .badValue,
        hint: String? = nil,
        at place: Place
    ) {
        var node = manifest.resolve(place.node)
        // Nothing at all has no place of its own: `identity:` at the end of a line.
        if manifest.span(of: node).isEmpty, let key = place.key { node = key }
        report(message, as: code, hint: hint, at: node)
    }

    /// Notes that a node is wrong.
    mutating func report(
        _ message: String,
        as code: ManifestError.Code = .badValue,
        hint: String? = nil,
        at node: NodeID
    ) {
        guard errors.count < Self.errorsMax else { return }
        errors.append(manifest.error(code, message, hint: hint, at: node))
    }

    // MARK: Keys

    /// The values of a mapping whose keys the table knows, by their names there.
    ///
    /// Nothing at all counts as no keys. Returns nil for anything but a mapping.
    mutating func fields(of place: Place) -> [String: Place]? {
        guard let entries = entries(of: place) else { return nil }
        let known = keysByHolder[place.path] ?? []
        var fields: [String: Place] = [:]
        for entry in entries {
            let word = manifest.text(of: manifest.resolve(entry.key))
            guard let key = known.first(where: { $0.name == word || $0.alternative == word }) else {
                reportUnknown(word, entry.key, in: place)
                continue
            }
            if let other = fields[key.name] {
                report(
                    "\(ValueError.quote(word)) means the same as "
                        + "\"\(word == key.name ? key.alternative ?? "" : key.name)\" in line "
                        + "\(manifest.position(of: other.key ?? other.node).line)",
                    as: .duplicateKey,
                    hint: "remove one of the two",
                    at: entry.key
                )
                continue
            }
            let child = place.child(key.name, entry)
            lines?[child.shown] = manifest.position(of: entry.key).line
            fields[key.name] = child
        }
        let missing = known.filter { $0.isRequired && fields[$0.name] == nil }
        if !missing.isEmpty {
            report(
                "\(Self.name(place)) lacks \(Self.listed(missing.map { "\"\($0.name)\"" }))",
                at: place
            )
        }
        return fields
    }

    /// The entries of a mapping, each key once; nothing at all counts as none.
    mutating func entries(of place: Place) -> [MappingEntry]? {
        guard manifest.kind(of: manifest.resolve(place.node)) == .mapping else {
            if manifest.typedValue(of: place.node) == .null { return [] }
            report("\(Self.name(place)) must hold keys, not \(typeName(of: place.node))", at: place)
            return nil
        }
        checkKeys(of: place.node)
        return manifest.mergedEntries(of: place.node).filter { isWord($0.key) }
    }

    /// The items of a list.
    mutating func items(of place: Place, atMost limit: Int) -> [Place]? {
        let node = manifest.resolve(place.node)
        guard manifest.kind(of: node) == .sequence else {
            report("\(place.shown) must be a list, not \(typeName(of: node))", at: place)
            return nil
        }
        guard manifest.count(of: node) <= limit else {
            report(
                "\(place.shown) has \(manifest.count(of: node)) items, at most \(limit) are read",
                as: .tooLarge,
                at: place
            )
            return nil
        }
        return manifest.items(of: node).enumerated().map { place.item($0.offset, $0.element) }
    }

    /// The word for a node's type in a message.
    func typeName(of node: NodeID) -> String {
        switch manifest.kind(of: manifest.resolve(node)) {
        case .mapping: "keys"
        case .sequence: "a list"
        case .scalar, .alias: manifest.typedValue(of: node).typeName
        }
    }

    /// The place's path; for the root, what it is.
    static func name(_ place: Place) -> String {
        place.shown.isEmpty ? "the configuration" : place.shown
    }

    /// Writes words for a person: `a, b and c`.
    static func listed(_ words: [String], _ conjunction: String = "and") -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }
}

extension TreeReading {
    private mutating func reportUnknown(_ word: String, _ key: NodeID, in place: Place) {
        // Looking for what was meant costs more than all else.
        guard errors.count < Self.errorsMax else { return }
        report(
            "\(Self.name(place)) has no key \(ValueError.quote(word))",
            as: .unknownKey,
            hint: hint(for: word, in: place),
            at: key
        )
    }

    /// A slip of the pen, else a place nearby that has this key, else what may be here.
    private func hint(for word: String, in place: Place) -> String {
        let names = (keysByHolder[place.path] ?? []).map(\.name)
        if let near = Suggestion.nearest(to: word, in: names) { return "did you mean \"\(near)\"?" }
        let section = place.path.prefix { $0 != "." }
        let elsewhere = keys.filter { key in
            (key.name == word || key.alternative == word)
                && (section.isEmpty || key.path.prefix { $0 != "." } == section)
        }
        guard elsewhere.isEmpty else {
            return "it belongs at \(Self.listed(elsewhere.map(\.path), "or"))"
        }
        return names.isEmpty ? "remove it" : "it may have \(Self.listed(names))"
    }

    private func isWord(_ key: NodeID) -> Bool {
        manifest.kind(of: manifest.resolve(key)) == .scalar
    }

    private func isMerge(_ key: NodeID) -> Bool {
        manifest.style(of: key) == .plain && manifest.isScalar(key, "<<")
    }

    /// Notes keys that stand twice or are no words, and merges of what is no mapping.
    ///
    /// Returns how deep the mapping's merges go.
    @discardableResult
    private mutating func checkKeys(of node: NodeID) -> Int {
        let mapping = manifest.resolve(node)
        if let depth = mergeDepths[mapping] { return depth }
        var depth = 0
        var seen: [ArraySlice<UInt8>: NodeID] = [:]
        for entry in manifest.entries(of: mapping) {
            if isMerge(entry.key) {
                depth = max(depth, checkMerge(entry))
            } else if !isWord(entry.key) {
                report("a key must be a word, not a collection", at: entry.key)
            } else if let first = seen.updateValue(
                entry.key,
                forKey: manifest.valueBytes(of: manifest.resolve(entry.key))
            ) {
                reportTwice(entry.key, first)
            }
        }
        mergeDepths[mapping] = depth
        return depth
    }

    private mutating func reportTwice(_ key: NodeID, _ first: NodeID) {
        let word = manifest.text(of: manifest.resolve(key))
        report(
            "the key \(ValueError.quote(word)) is here twice, "
                + "first in line \(manifest.position(of: first).line)",
            as: .duplicateKey,
            hint: "remove one of the two",
            at: key
        )
    }

    private mutating func checkMerge(_ entry: MappingEntry) -> Int {
        let merged = manifest.resolve(entry.value)
        let isList = manifest.kind(of: merged) == .sequence
        var depth = 0
        for source in isList ? manifest.items(of: merged) : [entry.value] {
            guard manifest.kind(of: manifest.resolve(source)) == .mapping else {
                let name = typeName(of: source)
                report("\"<<\" merges keys, not \(name)", at: source)
                continue
            }
            depth = max(depth, 1 + checkKeys(of: source))
        }
        guard depth <= Self.mergeDepthMax else {
            report(
                "too many merges of merges",
                as: .tooDeep,
                hint: "write the keys out",
                at: entry.key
            )
            return 0
        }
        return depth
    }
}
