// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

@Suite("Manifest errors")
struct ManifestErrorTests {
    @Test(
        arguments: [
            (Position(line: 2, column: 5), "add a brace", "a.yaml:2:5: broken\n    add a brace"),
            (Position(line: 2, column: 5), nil, "a.yaml:2:5: broken"),
            (nil, "add a brace", "a.yaml: broken\n    add a brace"),
            (nil, nil, "a.yaml: broken"),
        ] as [(Position?, String?, String)]
    )
    func sayWhatIsWrongWhereAndWhatToDo(place: Position?, hint: String?, text: String) {
        let error = ManifestError(.syntax, "broken", hint: hint, file: "a.yaml", position: place)
        #expect(error.description == text)
    }

    @Test func pointAtTheirNode() throws {
        let manifest = try manifest("\u{FEFF}# \u{E4}\r\n\u{E4}: [\u{1F600}, b]\r\n")
        let node = manifest.items(of: try manifest.node("\u{E4}"))[1]
        let error = manifest.error(.badValue, "no b", at: node)
        #expect(error.description == "a.yaml:2:8: no b")
        #expect(manifest.position(of: node) == Position(line: 2, column: 8))
    }

    /// Scripts match on these words.
    @Test func haveStableCodes() {
        let codes: [ManifestError.Code] = [
            .unreadable, .encoding, .tooLarge, .syntax, .template, .tooDeep, .aliasExpansion,
            .duplicateKey, .sharedNode, .badValue, .unknownKey, .unsupported, .verification,
            .skipped,
        ]
        #expect(
            codes.map(\.description) == [
                "unreadable", "encoding", "tooLarge", "syntax", "template", "tooDeep",
                "aliasExpansion", "duplicateKey", "sharedNode", "badValue", "unknownKey",
                "unsupported", "verification", "skipped",
            ]
        )
    }
}
