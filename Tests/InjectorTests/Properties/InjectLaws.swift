// SPDX-License-Identifier: Apache-2.0

import Injector
import ManifestKit

/// What holds of every manifest, however it is written: the laws of inject and uninject.
///
/// The property tests and the fuzz target share this file, so it knows no test library.
struct InjectLaws {
    /// Those that take more than one run to see.
    enum Law: CaseIterable {
        /// `inject(inject(x)) = inject(x)`.
        case repetition
        /// Uninject takes everything out at once, and finds nothing the second time.
        case removal
        /// `uninject(inject(x)) = x`, and nothing but bytes put in.
        case inversion
        /// A run after one with other options is as if that one had not been.
        case replacement
    }

    let manifest: Manifest

    init(_ manifest: Manifest) {
        self.manifest = manifest
    }

    /// The first law that a run with `options` breaks, in words; nil when all hold.
    ///
    /// `other` are the options of an earlier run, which must leave no trace.
    func breach(
        _ options: InjectOptions,
        after other: InjectOptions,
        of laws: [Law] = Law.allCases
    ) -> String? {
        let outcome = Injector.inject(manifest, options: options)
        if let breach = Self.breach(ofSplicesIn: outcome, "inject") { return breach }
        guard outcome.errors.isEmpty else { return nil }
        let isMarked = carriesMarks
        for law in laws {
            let breach: String?
            switch law {
            case .repetition: breach = repetitionBreach(outcome, options)
            case .removal: breach = removalBreach(outcome, isMarked: isMarked)
            case .inversion where !isMarked:
                breach = insertionBreach(outcome) ?? inversionBreach(outcome)
            case .replacement where !isMarked:
                breach = replacementBreach(outcome, options, other)
            case .inversion, .replacement: breach = nil
            }
            if let breach { return breach }
        }
        return nil
    }

    // MARK: Laws of one run

    /// A refused manifest stays as it is; the splices of an accepted one make the result.
    private static func breach(ofSplicesIn outcome: InjectorOutcome, _ name: String) -> String? {
        let source = outcome.original.source.bytes
        if let error = outcome.errors.first(where: { $0.code == .verification }) {
            return "\(name) fails its own verification: \(error)"
        }
        if !outcome.errors.isEmpty {
            let isUntouched = outcome.splices.isEmpty && outcome.result.source.bytes == source
            return isUntouched ? nil : "\(name) refuses and changes: \(outcome.errors)"
        }
        var text: [UInt8] = []
        var offset = 0
        for splice in outcome.splices {
            guard splice.range.lowerBound >= offset, splice.range.upperBound <= source.count else {
                return "\(name) gives splices out of order: \(outcome.splices.map(\.range))"
            }
            text += source[offset..<splice.range.lowerBound] + splice.replacement
            offset = splice.range.upperBound
        }
        text += source[offset...]
        if text != outcome.result.source.bytes { return "\(name)'s splices make another text" }
        if outcome.entries.contains(where: \.isChanged) != !outcome.splices.isEmpty {
            return "\(name) reports a change where none is, or none where one is"
        }
        return nil
    }

    /// What inject added by itself goes without a byte of the author's; where the author wrote a
    /// word for nothing, that word may go.
    private func insertionBreach(_ outcome: InjectorOutcome) -> String? {
        let source = outcome.original.source.bytes
        for splice in outcome.splices where !splice.range.isEmpty {
            let old = String(decoding: source[splice.range], as: UTF8.self)
            guard ["null", "Null", "NULL", "~"].contains(old) else {
                return "inject takes away \(old.debugDescription)"
            }
        }
        return nil
    }

    // MARK: Laws of several runs

    private func repetitionBreach(_ once: InjectorOutcome, _ options: InjectOptions) -> String? {
        let twice = Injector.inject(once.result, options: options)
        if let breach = Self.breach(ofSplicesIn: twice, "the second inject") { return breach }
        if let error = twice.errors.first { return "inject refuses what it wrote: \(error)" }
        guard twice.splices.isEmpty else {
            return "the second inject changes " + Self.difference(twice.result, once.result)
        }
        return nil
    }

    private func removalBreach(_ once: InjectorOutcome, isMarked: Bool) -> String? {
        let back = Injector.uninject(once.result)
        if let breach = Self.breach(ofSplicesIn: back, "uninject") { return breach }
        if let error = back.errors.first {
            // A mark of the author's may stand where nothing can be edited.
            return isMarked ? nil : "uninject refuses what inject wrote: \(error)"
        }
        let again = Injector.uninject(back.result)
        guard again.splices.isEmpty, again.errors.isEmpty else {
            return "the second uninject changes " + Self.difference(again.result, back.result)
        }
        return nil
    }

    private func inversionBreach(_ once: InjectorOutcome) -> String? {
        let back = Injector.uninject(once.result)
        if let error = back.errors.first { return "uninject refuses what inject wrote: \(error)" }
        guard back.result.source.bytes != manifest.source.bytes else { return nil }
        return "uninject does not give the source back but "
            + Self.difference(back.result, manifest)
    }

    /// The run names the same places as any reader of the file, too.
    private func replacementBreach(
        _ direct: InjectorOutcome,
        _ options: InjectOptions,
        _ other: InjectOptions
    ) -> String? {
        let between = Injector.inject(manifest, options: other)
        guard between.errors.isEmpty else { return nil }
        let after = Injector.inject(between.result, options: options)
        if let breach = Self.breach(ofSplicesIn: after, "inject after another") { return breach }
        if let error = after.errors.first {
            return "inject refuses after another run: \(error)"
        }
        let (actual, expected) = (after.result.source.bytes, direct.result.source.bytes)
        // Annotations of an earlier run are changed where they stand, in the order of that run.
        let isInPlace = other.sidecar == nil || after.entries.contains { $0.result == .annotated }
        let isSame =
            isInPlace ? actual.sorted() == expected.sorted() : actual == expected
        guard isSame || leavesItsWord(other, before: options) else {
            return "inject after another run makes " + Self.difference(after.result, direct.result)
        }
        if actual != expected, let breach = inversionBreach(after) { return breach }
        let places = Injector.uninject(between.result).entries.map(\.position)
        guard after.entries.map(\.position) == places else {
            return "inject after another run names \(after.entries.map(\.position)), not \(places)"
        }
        return nil
    }

    /// Whether the `linkerd.io/inject` of a run may stay, because an author may have written it:
    /// a sidecar needs none, and nobody takes `ingress` back.
    private func leavesItsWord(_ other: InjectOptions, before options: InjectOptions) -> Bool {
        (other.sidecar == nil && options.sidecar != nil) || (other.isIngress && !options.isIngress)
    }

    /// The part in which two texts differ, with a little around it.
    private static func difference(_ actual: Manifest, _ expected: Manifest) -> String {
        let (left, right) = (actual.source.bytes, expected.source.bytes)
        let start = max(0, zip(left, right).prefix { $0 == $1 }.count - 80)
        let count = min(left.count, right.count) - start
        let same = zip(left.reversed(), right.reversed()).prefix(count).prefix { $0 == $1 }.count
        func part(_ bytes: [UInt8]) -> String {
            let end = max(start, min(start + 800, bytes.count - max(0, same - 40)))
            return String(decoding: bytes[start..<end], as: UTF8.self).debugDescription
        }
        return "\(part(left))\nwhere it should be \(part(right))"
    }

    // MARK: Marks

    /// Whether the author's text has what uninject would take for inject's.
    private var carriesMarks: Bool {
        manifest.documents.contains { $0.root.map(carriesMarks) ?? false }
    }

    /// Recursion is bounded by `Limits.depthMax`.
    private func carriesMarks(_ node: NodeID) -> Bool {
        manifest.items(of: node).contains(where: carriesMarks)
            || manifest.entries(of: node).contains { entry in
                let key = manifest.resolve(entry.key)
                if manifest.isScalar(key, "linkerd.io/injected-annotations") { return true }
                return manifest.isScalar(key, "linkerd.io/inject")
                    && !manifest.isScalar(manifest.resolve(entry.value), "disabled")
            }
    }
}

/// The forms of what inject writes.
enum InjectForm: CaseIterable, Sendable {
    case annotated, ingress, native, classic, plugin, debug

    private static let anchors =
        "-----BEGIN CERTIFICATE-----\nMIIBnzCCAUWgAwIBAgIUe9X\n-----END CERTIFICATE-----\n"

    /// The options that ask for a form.
    func options() throws -> InjectOptions {
        var options = InjectOptions()
        options.isIngress = self == .ingress
        var values = MeshValues()
        values.trustAnchors = Self.anchors
        values.trustAnchorsDigest = "5a1d"
        values.isCNIEnabled = self == .plugin
        if self != .annotated, self != .ingress {
            options.sidecar = SidecarOptions(values: values, createdBy: "meshctl/test")
        }
        if self == .classic {
            try options.set("config.linkerd.io/proxy-enable-native-sidecar", to: "false")
        }
        if self == .debug { try options.set("config.linkerd.io/enable-debug-sidecar", to: "true") }
        return options
    }
}
