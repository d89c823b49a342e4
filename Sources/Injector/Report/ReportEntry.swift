// SPDX-License-Identifier: Apache-2.0

public import ManifestKit
internal import MeshModel

/// What became of one object.
public struct ReportEntry: Equatable, Sendable {
    /// The outcome for an object.
    public enum Result: Equatable, Sendable {
        /// Its pods will have a proxy.
        case injected
        /// A Namespace or Service got its annotations.
        case annotated
        /// Left alone.
        case skipped(SkipReason)
        /// What inject had written is gone.
        case uninjected

        /// The word for people and scripts.
        public var word: String {
            switch self {
            case .injected: "injected"
            case .annotated: "annotated"
            case .skipped: "skipped"
            case .uninjected: "uninjected"
            }
        }
    }

    /// The source, as the user named it.
    public let file: String
    /// Where the object starts.
    public var position: Position
    /// The object's apiVersion, empty when it has none.
    public let apiVersion: String
    /// The object's kind, empty when it has none.
    public let kind: String
    /// The object's name or generateName, empty when it has neither.
    public let name: String
    /// The object's namespace, when it says so.
    public let namespace: String?
    /// What became of it.
    public var result: Result
    /// Whether any byte of it changed.
    public var isChanged = false
    /// The annotations that were set, `key: value`, for people.
    public var additions: [String] = []
    /// What was looked at and found good, for people.
    public var passedChecks: [String] = []
    /// What a person should know.
    public var warnings: [Finding] = []

    init(_ object: ManifestObject, in manifest: Manifest, _ result: Result) {
        file = manifest.source.name
        position = manifest.position(of: object.node)
        apiVersion = object.apiVersion
        kind = object.kind
        name = object.name
        namespace = object.namespace
        self.result = result
    }
}

extension ReportEntry {
    /// A kind as it can be shown: it is free text until the API server reads it.
    static func printable(_ kind: String) -> String {
        let isWord = kind.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0 == "-" }
        return isWord ? kind : ValueError.quote(kind)
    }

    /// Whether a workload stays outside the mesh that the user may have wanted in.
    public var isMissed: Bool {
        if case .skipped(let reason) = result { reason.isMissed } else { false }
    }

    /// What `--strict` says of an object that was skipped.
    public var strictError: ManifestError? {
        guard case .skipped(let reason) = result else { return nil }
        return ManifestError(
            .skipped,
            "\(Self.printable(kind)) \(ValueError.quote(name)) would stay outside the mesh: "
                + (reason.message ?? reason.code),
            hint: "mend it, or leave out --strict",
            file: file,
            position: position
        )
    }
}
