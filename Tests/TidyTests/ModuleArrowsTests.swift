// SPDX-License-Identifier: Apache-2.0

import Testing

/// Who may import whom.
///
/// SwiftPM checks that a dependency is declared, not that it is a good idea. A new arrow is a
/// decision: change this table in the same commit that explains it.
enum ModuleArrows {
    /// The folder under `Sources/` and what its files may import.
    static let allowed: [String: Set<String>] = [
        // A module map over Debian's libyaml-dev; no Swift.
        "CLibYAML": [],
        // Module maps over Debian's packages and the kernel's headers; no Swift.
        "CCAres": [],
        "CLinux": [],
        "CNFTables": [],
        "COpenSSL": [],
        "CURing": [],
        "CZlib": [],
        // The mesh's vocabulary: pure values.
        "MeshModel": [],
        // YAML that keeps its bytes; knows no Kubernetes.
        "ManifestKit": ["CLibYAML"],
        // (manifest, options) -> (manifest, report); the same code serves command and webhook.
        "Injector": ["ManifestKit", "MeshModel"],
        // The standalone file and the mesh-wide settings: YAML in, checked values out.
        "MeshConfig": ["ManifestKit", "MeshModel"],
        // The data plane without I/O and without a clock.
        "ProxyCore": ["MeshModel"],
        // The data plane's I/O.
        "ProxyRuntime": [
            "CCAres", "CLinux", "COpenSSL", "CURing", "CZlib", "Glibc", "ManifestKit", "MeshConfig",
            "MeshModel",
            "ProxyCore",
        ],
        // The redirect of a pod's traffic: pure rules, one call that applies them.
        "TrafficRedirect": ["CLinux", "CNFTables", "Glibc", "MeshModel"],
        // Thin mains: no argument parser, no Foundation.
        "meshctl-init": ["Glibc", "MeshModel", "TrafficRedirect"],
        "meshctl-proxy": ["Glibc", "ProxyRuntime"],
        // The command and its output. Whole Foundation stays out: every run pays for loading it.
        "meshctl": [
            "ArgumentParser", "Crypto", "FoundationEssentials", "Glibc", "Injector",
            "ManifestKit", "MeshModel",
        ],
    ]

    /// Part of the language, allowed everywhere.
    static let standard: Set<String> = ["Swift", "Synchronization"]

    struct Import: Equatable {
        let module: String
        let offset: Int
    }

    /// The modules that a file imports, whatever the attributes, access and kind of the import.
    static func imports(of text: SwiftText) -> [Import] {
        let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        let tokens = text.tokens
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import", index == 0 || tokens[index - 1].text != "." else {
                return nil
            }
            let following = tokens.dropFirst(index + 1)
            let name = following.first { !kinds.contains($0.text) }
            guard let name, name.text.utf8.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "`") })
            else { return nil }
            return Import(module: name.text, offset: tokens[index].offset)
        }
    }

    static func offences(
        in file: SourceFile,
        allowed: [String: Set<String>] = ModuleArrows.allowed
    ) -> [Offence] {
        let target = String(file.path.split(separator: "/")[1])
        guard let mayImport = allowed[target] else { return [] }
        return imports(of: file.text).compactMap { entry in
            // BannedAPI reports whole Foundation, and names what to use instead.
            guard entry.module != "Foundation", !standard.contains(entry.module),
                !mayImport.contains(entry.module)
            else { return nil }
            let list = mayImport.isEmpty ? "nothing" : mayImport.sorted().joined(separator: ", ")
            return file.offence(
                at: entry.offset,
                "\(target) must not import \(entry.module) (it may import: \(list)); move the code "
                    + "to a module that may, or argue for the arrow in ModuleArrowsTests.swift"
            )
        }
    }

    /// Folders under `Sources/` that the table forgot, each named once.
    static func unknownTargets(
        among paths: [String],
        allowed: [String: Set<String>] = ModuleArrows.allowed
    ) -> [Offence] {
        var seen: Set<String> = []
        return paths.compactMap { path in
            let parts = path.split(separator: "/").map(String.init)
            guard parts.count > 1, parts[0] == "Sources", !parts[1].hasPrefix("."),
                allowed[parts[1]] == nil, seen.insert(parts[1]).inserted
            else { return nil }
            return Offence(
                path: path,
                line: 1,
                message: "Sources/\(parts[1]) has no row in the table of ModuleArrowsTests.swift; "
                    + "add one that lists what it may import"
            )
        }
    }
}

@Suite("Module arrows")
struct ModuleArrowsTests {
    @Test func pointTheAllowedWay() throws {
        let repository = try Repository.current.get()
        expectNone(ModuleArrows.unknownTargets(among: repository.paths))
        expectNone(repository.swiftFiles(in: [.sources]).flatMap { ModuleArrows.offences(in: $0) })
    }

    @Test(arguments: [
        "import Injector", "internal import Injector", "public import Injector",
        "package import Injector", "private import Injector", "@testable import Injector",
        "import struct Injector.Report", "import Injector.Part", "a; import Injector",
        "#if DEBUG\nimport Injector\n#endif", "@_spi(Testing) public import Injector",
        "import `Injector`",
    ])
    func seesEveryFormOfImport(source: String) throws {
        let path = "Sources/ManifestKit/Node.swift"
        let offences = ModuleArrows.offences(in: try SourceFile(source, at: path))
        #expect(offences.count == 1)
        #expect(offences.first?.message.contains("ManifestKit must not import") == true)
    }

    @Test(arguments: [
        "import CLibYAML", "import Swift\ninternal import Synchronization", "// import Injector",
        "\"import Injector\"", "#if canImport(Injector)\n#endif", "`import`(Injector)",
        "x.import(y)", "f(import: y)",
    ])
    func allowsWhatTheTableAllows(source: String) throws {
        let path = "Sources/ManifestKit/Node.swift"
        #expect(ModuleArrows.offences(in: try SourceFile(source, at: path)) == [])
    }

    @Test func keepsThePureModulesPure() throws {
        for module in ["Glibc", "FoundationEssentials", "ManifestKit", "ArgumentParser"] {
            let file = try SourceFile("import \(module)", at: "Sources/MeshModel/Port.swift")
            #expect(ModuleArrows.offences(in: file).count == 1)
        }
    }

    @Test func wantsARowForEachFolder() {
        let paths = ["Sources/New/A.swift", "Sources/New/B.swift", "Sources/meshctl/Main.swift"]
        let offences = ModuleArrows.unknownTargets(among: paths + ["Tests/Other/A.swift"])
        #expect(offences.map(\.path) == ["Sources/New/A.swift"])
    }
}
