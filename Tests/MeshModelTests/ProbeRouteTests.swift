// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Probe routes")
struct ProbeRouteTests {
    private func path(_ text: String) throws -> String {
        try ProbeRoute(port: PortNumber(parsing: "8080"), path: text).path
    }

    @Test func leavesTheQueryOut() throws {
        #expect(try path("/healthz?full=1?2") == "/healthz")
        #expect(try path("/?") == "/")
        #expect(try path("/a%20b;v=1/./c//") == "/a%20b;v=1/./c//")
    }

    @Test(arguments: ["", "healthz", "http://a/", "*", "/a b", "/a#b", "/\u{7F}", "/\n", "/é"])
    func refusesWhatIsNoPath(text: String) {
        #expect(throws: ValueError.self) { try path(text) }
    }

    @Test func isBounded() throws {
        let longest = "/" + String(repeating: "a", count: ProbeRoute.pathBytesMax - 1)
        #expect(try path(longest) == longest)
        #expect(throws: ValueError.self) { try path(longest + "a") }
    }
}
