// SPDX-License-Identifier: Apache-2.0

import Foundation
import MeshConfig
import Testing

/// The table of keys in docs/configuration.md, made from `ConfigKeys`.
enum ConfigTable {
    static let begin = "<!-- keys: made from ConfigKeys by ConfigTableTests -->\n"
    static let end = "<!-- end of keys -->\n"

    static func text() -> String {
        let rows = ConfigKeys.all.map { key in
            let usual = key.isRequired ? "required" : key.defaultValue.map { "`\($0)`" } ?? ""
            let other = key.alternative.map { " (or `\($0)`)" } ?? ""
            return "| `\(key.path)`\(other) | \(words(for: key.type)) | \(usual) "
                + "| \(key.summary) |\n"
        }
        return "| key | value | default | what it does |\n|---|---|---|---|\n" + rows.joined()
    }

    private static func words(for type: ConfigType) -> String {
        switch type {
        case .keys: "keys"
        case .named: "names with keys"
        case .list: "a list of keys"
        case .listener: "an IP address and a port, or `:PORT`"
        case .peer: "an IP address and a port"
        case .endpoint: "an IP address or a DNS name, and a port"
        case .servers: "a list of IP addresses, each with or without a port"
        case .duration: "a duration, `1m30s`"
        case .destinations: "a list of `kubernetes`, `k8s:NAMESPACE/SERVICE`, `ip:CIDR`"
        case .policy: "a policy"
        case .networks: "CIDR ranges, as a list or with commas"
        case .ports: "ports and ranges, as a list or with commas"
        case .identity: "a DNS name or a SPIFFE ID"
        case .path: "a path, seen from the file's folder"
        case .port: "a port"
        case .requestPath: "a path that begins with `/`"
        }
    }
}

@Suite("Configuration table")
struct ConfigTableTests {
    /// `UPDATE_FIXTURES=1` writes the table anew, and fails the run.
    @Test func isTheOneOfTheDocument() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/configuration.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: ConfigTable.begin))
        let end = try #require(text.range(of: ConfigTable.end))
        let found = String(text[begin.upperBound..<end.lowerBound])
        let expected = ConfigTable.text()
        if found != expected, ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            let new = text[..<begin.upperBound] + expected + text[end.lowerBound...]
            try Data(new.utf8).write(to: file)
        }
        #expect(found == expected, "UPDATE_FIXTURES=1 make test writes it anew")
    }

    /// The document's own example is a file that works.
    @Test func hasAnExampleThatIsRead() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/configuration.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: "```yaml\n"))
        let end = try #require(text.range(of: "```\n", range: begin.upperBound..<text.endIndex))
        let example = String(text[begin.upperBound..<end.lowerBound])
        #expect(complaints(example) == [])
        #expect(readFile(example).config?.services.count == 2)
    }

    /// A key without a holder in the table could never be read.
    @Test(arguments: ConfigKeys.all)
    func knowsTheHolderOfEachKey(key: ConfigKey) {
        let holder = key.holder.hasSuffix("[]") ? String(key.holder.dropLast(2)) : key.holder
        #expect(holder.isEmpty || ConfigKeys.all.contains { $0.path == holder })
        #expect(!key.summary.isEmpty && key.summary.last != ".")
    }

    /// So that the tests which damage the full file reach every key.
    @Test(arguments: ConfigKeys.all)
    func standsInTheFullFile(key: ConfigKey) {
        let name = key.alternative ?? key.name
        #expect(key.name == "NAME" || fullFile.contains("\(name):"))
    }

    /// Every default of the table, written out, is what holds without it.
    @Test(arguments: ConfigKeys.all.filter { $0.defaultValue != nil })
    func saysWhatHoldsAnyway(key: ConfigKey) throws {
        let value = try #require(key.defaultValue)
        let config = readFile("\(key.holder): {\(key.name): '\(value)'}").config
        #expect(config == StandaloneConfig())
    }
}
