// SPDX-License-Identifier: Apache-2.0

/// Renders nodes as the JSON that the API server gets to see.
extension Manifest {
    /// A node as compact JSON on one line: YAML 1.1 types, aliases and merge keys written out.
    ///
    /// Keys keep their order; of two equal keys the last one counts, as in Kubernetes' reader.
    /// - Throws: `badValue` for `.inf` and `.nan`, which JSON cannot hold.
    public func json(of node: NodeID) throws(ManifestError) -> String {
        var text = ""
        try appendJSON(of: node, to: &text)
        return text
    }

    /// Recursion is bounded by `Limits.depthMax`, the output by `Limits.expandedNodesMax`.
    private func appendJSON(of node: NodeID, to text: inout String) throws(ManifestError) {
        let node = resolve(node)
        switch kind(of: node) {
        case .scalar, .alias: text += try scalarJSON(of: node)
        case .sequence:
            text += "["
            for (index, item) in items(of: node).enumerated() {
                if index > 0 { text += "," }
                try appendJSON(of: item, to: &text)
            }
            text += "]"
        case .mapping:
            text += "{"
            for (index, entry) in lastEntries(of: node).enumerated() {
                if index > 0 { text += "," }
                text += ScalarWriter.doubleQuoted(keyText(of: entry.key)) + ":"
                try appendJSON(of: entry.value, to: &text)
            }
            text += "}"
        }
    }

    /// The entries of a mapping, each key once: at its first place, with its last value.
    private func lastEntries(of mapping: NodeID) -> [MappingEntry] {
        let merged = mergedEntries(of: mapping)
        guard duplicateKey(in: mapping) != nil else { return merged }
        var last: [ArraySlice<UInt8>: MappingEntry] = [:]
        for entry in entries(of: mapping) { last[valueBytes(of: resolve(entry.key))] = entry }
        return merged.map { last[valueBytes(of: resolve($0.key))] ?? $0 }
    }

    /// Keys of other types become strings, as sigs.k8s.io/yaml makes them.
    private func keyText(of key: NodeID) -> String {
        switch typedValue(of: key) {
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let digits): digits
        case .float(let number): ScalarType.jsonNumber(number)
        case .string, .notFinite, .null, .collection: text(of: resolve(key))
        }
    }

    private func scalarJSON(of node: NodeID) throws(ManifestError) -> String {
        switch typedValue(of: node) {
        case .string(let text): return ScalarWriter.doubleQuoted(text)
        case .boolean(let flag): return flag ? "true" : "false"
        case .integer(let digits): return digits
        case .float(let number): return ScalarType.jsonNumber(number)
        case .null, .collection: return "null"
        case .notFinite(let word):
            throw error(
                .badValue,
                "JSON has no \(word)",
                hint: "quote it if it is a string, or write YAML",
                at: node
            )
        }
    }
}

extension ScalarType {
    /// A number of YAML in JSON's grammar: `+.5` is `0.5`, `1.` is `1.0`.
    static func jsonNumber(_ number: String) -> String {
        var body = Substring(number)
        var sign = ""
        if body.first == "+" || body.first == "-" {
            sign = body.first == "-" ? "-" : ""
            body = body.dropFirst()
        }
        let mantissa = body.prefix { $0 != "e" && $0 != "E" }
        let exponent = body[mantissa.endIndex...]
        let parts = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = (parts.first ?? "").drop { $0 == "0" }
        var text = sign + (whole.isEmpty ? "0" : String(whole))
        if parts.count == 2 { text += "." + (parts[1].isEmpty ? "0" : String(parts[1])) }
        return text + exponent
    }
}
