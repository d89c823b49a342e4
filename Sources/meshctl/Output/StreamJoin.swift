// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// Makes one stream of documents of several manifests.
enum StreamJoin {
    /// The manifests' bytes one after another, with `---` between where the text has none; one
    /// manifest alone comes back as it is.
    static func bytes(of manifests: [Manifest]) -> [UInt8] {
        var result: [UInt8] = []
        for manifest in manifests {
            let bytes = manifest.source.bytes
            guard !result.isEmpty else {
                result += bytes
                continue
            }
            // A byte order mark is one only at the start (YAML 1.1 section 5.2).
            let text = bytes[manifest.source.byteOrderMarkCount...]
            if result.last != 0x0A { result.append(0x0A) }
            if text.first == UInt8(ascii: "%") {
                // A directive needs the document before it to be over.
                result += Array("...\n".utf8)
            } else if !text.starts(with: "---".utf8) {
                result += Array("---\n".utf8)
            }
            result += text
        }
        return result
    }

    /// Every document as one line of JSON.
    static func json(of manifests: [Manifest]) throws(ManifestError) -> [UInt8] {
        var result: [UInt8] = []
        for manifest in manifests {
            for document in manifest.documents {
                // `null` is what an empty document would be, and no tool wants one.
                guard let root = document.root, manifest.typedValue(of: root) != .null
                else { continue }
                result += Array(try manifest.json(of: root).utf8) + [0x0A]
            }
        }
        return result
    }
}
