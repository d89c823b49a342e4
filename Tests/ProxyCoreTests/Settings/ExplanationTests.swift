// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProxyCore
import Testing

@Suite("Explanation of settings")
struct ExplanationTests {
    private let explanation = Explanation(
        [
            .init("proxy.listenAddr", .init("127.0.0.1:4140", .file("mesh.yaml", line: 2))),
            .init(
                "inbound.defaultPolicy",
                .init("deny", .environment(["LINKERD2_PROXY_INBOUND_DEFAULT_POLICY"])),
                over: [.init("audit", .file("mesh.yaml", line: 4))]
            ),
            .init("LINKERD2_PROXY_LOG", .init("warn", .environment(["LINKERD2_PROXY_LOG"]))),
            .init("identity.key", .init(nil, .builtIn)),
            .init("LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD", .init("5s", .flag("--grace"))),
        ],
        withoutEffect: ProxyEnvironment(
            [("LINKERD2_PROXY_TAP_SVC_NAME", "tap.linkerd")],
            isStandalone: true
        ).withoutEffect
    )

    @Test func alignsATable() {
        let expected = """
            SETTING                               VALUE           SOURCE
            proxy.listenAddr                      127.0.0.1:4140  mesh.yaml:2
            inbound.defaultPolicy                 deny            LINKERD2_PROXY_INBOUND_DEFAULT_POLICY
              not                                 audit           mesh.yaml:4
            LINKERD2_PROXY_LOG                    warn            environment
            identity.key                          -               default
            LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD  5s              --grace

            WITHOUT EFFECT               WHY
            LINKERD2_PROXY_TAP_SVC_NAME  the proxy cannot be tapped yet

            """
        #expect(explanation.table(isColoured: false) == expected)
    }

    @Test func coloursWhatStandsOut() {
        let table = explanation.table(isColoured: true)
        #expect(table.contains("\u{1B}[1mSETTING\u{1B}[0m"))
        #expect(table.contains("\u{1B}[33maudit\u{1B}[0m"))
        #expect(!explanation.table(isColoured: false).contains("\u{1B}"))
    }

    @Test func isOneDocumentOfJSON() throws {
        struct Document: Decodable {
            var settings: [Setting]
            var withoutEffect: [[String: String]]
        }
        struct Setting: Decodable {
            var name: String
            var value: String?
            var source: Source
            var overridden: [Choice]
        }
        struct Choice: Decodable {
            var value: String?
            var source: Source
        }
        struct Source: Decodable {
            var kind: String
            var file: String?
            var line: Int?
            var variables: [String]?
            var flag: String?
        }
        let data = Data(explanation.json.utf8)
        let document = try JSONDecoder().decode(Document.self, from: data)
        #expect(document.settings.map(\.name) == explanation.rows.map(\.name))
        #expect(document.settings.map(\.value) == explanation.rows.map(\.choice.value))
        #expect(
            document.settings.map(\.source.kind) == [
                "file", "environment", "environment", "default", "flag",
            ]
        )
        #expect(document.settings[0].source.file == "mesh.yaml")
        #expect(document.settings[0].source.line == 2)
        #expect(document.settings[1].overridden.first?.value == "audit")
        #expect(document.settings[1].overridden.first?.source.line == 4)
        #expect(document.settings[2].source.variables == ["LINKERD2_PROXY_LOG"])
        #expect(document.settings[4].source.flag == "--grace")
        #expect(
            document.withoutEffect == [
                [
                    "variable": "LINKERD2_PROXY_TAP_SVC_NAME",
                    "reason": "the proxy cannot be tapped yet",
                ]
            ]
        )
    }

    /// A name in a file is shown as it was written, but moves no cursor.
    @Test func escapesWhatATerminalWouldObey() {
        let row = Explanation.Row("services[\"a\"].address", .init("x\u{1B}[2J", .builtIn))
        let table = Explanation([row], withoutEffect: []).table(isColoured: false)
        #expect(!table.contains("\u{1B}"))
        #expect(table.contains(#""x\u001b[2J""#))
    }
}
