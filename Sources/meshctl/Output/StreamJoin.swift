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
            if startsWithDirective(text) {
                // A directive needs the document before it to be over.
                result += Array("...\n".utf8)
            } else if !text.starts(with: "---".utf8) {
                result += Array("---\n".utf8)
            }
            result += text
        }
        return result
    }

    /// Whether the first line that says anything is a directive, such as `%YAML 1.1`.
    private static func startsWithDirective(_ text: ArraySlice<UInt8>) -> Bool {
        let lines = text.split { $0 == 0x0A || $0 == 0x0D }
        let first = lines.first { line in
            line.first { $0 != 0x20 && $0 != 0x09 }.map { $0 != UInt8(ascii: "#") } ?? false
        }
        return first?.first == UInt8(ascii: "%")
    }

    /// Every document as one line of JSON, empty ones left out.
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
