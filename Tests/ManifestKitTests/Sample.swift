// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// A manifest from text; the name decides whether a broken one is reported as JSON.
func manifest(
    _ text: String,
    named name: String = "a.yaml",
    limits: Limits = .standard
) throws(ManifestError) -> Manifest {
    try Manifest(name: name, bytes: Array(text.utf8), limits: limits)
}

/// The error that reading a text ends in.
func refusal(
    of text: String,
    named name: String = "a.yaml",
    limits: Limits = .standard,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> ManifestError {
    try refusal(of: Array(text.utf8), named: name, limits: limits, sourceLocation: sourceLocation)
}

/// The error that reading some bytes ends in.
func refusal(
    of bytes: [UInt8],
    named name: String = "a.yaml",
    limits: Limits = .standard,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> ManifestError {
    try #require(throws: ManifestError.self, sourceLocation: sourceLocation) {
        try Manifest(name: name, bytes: bytes, limits: limits)
    }
}

extension Manifest {
    /// The root of the first document that has one.
    var root: NodeID {
        get throws { try #require(documents.lazy.compactMap(\.root).first, "no document") }
    }

    /// The node at a path such as `spec/containers/0`, by the keys and items as they are written.
    func node(_ path: String) throws -> NodeID {
        var node = try root
        for step in path.split(separator: "/") {
            if let index = Int(step), kind(of: node) == .sequence {
                let items = items(of: node)
                try #require(items.indices.contains(index), "no item \(index)")
                node = items[index]
            } else {
                node = try #require(ownEntry(String(step), in: node), "no key \(step)").value
            }
        }
        return node
    }

    /// The bytes of a node's span as text.
    func slice(_ node: NodeID) -> String {
        String(decoding: source.bytes[span(of: node)], as: UTF8.self)
    }

    /// All bytes as text.
    var text: String { String(decoding: source.bytes, as: UTF8.self) }
}
