// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Log filter")
struct LogFilterTests {
    @Test func levelsRunFromOffToTrace() {
        #expect(
            LogLevel.allCases.map(\.description) == [
                "off", "error", "warn", "info", "debug", "trace",
            ]
        )
    }

    @Test(arguments: [
        ("warn", "warn"),
        ("WARN", "warn"),
        ("Off", "off"),
        ("0", "off"),
        ("3", "info"),
        ("3,linkerd=5,hickory=1,[x]=2,y=4", "info,linkerd=trace,hickory=error,[x]=warn,y=debug"),
        ("warn,linkerd=info,hickory=error", "warn,linkerd=info,hickory=error"),
        ("warn,linkerd=INFO", "warn,linkerd=info"),
        (",warn,,linkerd=info,", "warn,linkerd=info"),
        ("linkerd", "linkerd"),
        ("linkerd_proxy::transport=debug", "linkerd_proxy::transport=debug"),
        ("my-crate=trace", "my-crate=trace"),
        ("warn,warn", "warn,warn"),
        ("trace=debug", "trace=debug"),
        ("[inbound]", "[inbound]"),
        ("[inbound]=Debug", "[inbound]=debug"),
        ("linkerd[name=\"inbound\"]=trace", "linkerd[name=\"inbound\"]=trace"),
        (
            "linkerd[inbound{port=80,peer=\"a,b\"}]=trace,warn",
            "linkerd[inbound{port=80,peer=\"a,b\"}]=trace,warn"
        ),
        ("[{peer=\"]\"}]=info", "[{peer=\"]\"}]=info"),
        ("[{peer=\"\\\"]\"}]=info", "[{peer=\"\\\"]\"}]=info"),
        ("[{a=]}]=info", "[{a=]}]=info"),
        ("[\u{E9}]=info", "[\u{E9}]=info"),
    ])
    func lowersLevelsAndDropsEmptyDirectives(text: String, canonical: String) throws {
        let filter = try LogFilter(parsing: text)
        #expect(filter.description == canonical)
        #expect(try LogFilter(parsing: canonical) == filter)
    }

    @Test func takesDirectivesApart() throws {
        let filter = try LogFilter(parsing: "warn,linkerd=info,linkerd[x]=trace,[y],hickory")
        #expect(filter.directives.map(\.target) == [nil, "linkerd", "linkerd", nil, "hickory"])
        #expect(filter.directives.map(\.span) == [nil, nil, "[x]", "[y]", nil])
        #expect(filter.directives.map(\.level) == [.warn, .info, .trace, nil, nil])
    }

    @Test(arguments: [
        ("warn,linkerd=info,hickory=error", "linkerd_app", LogLevel.info),
        ("warn,linkerd=info", "hyper", .warn), ("linkerd=info", "hyper", .off),
        ("linkerd", "linkerd_app", .trace), ("off", "linkerd_app", .off),
        ("linkerd_app_inbound=debug,linkerd=warn", "linkerd_app_inbound", .debug),
        ("linkerd_app_inbound=debug,linkerd=warn", "linkerd_app_outbound", .warn),
        ("linkerd=debug,linkerd=error", "linkerd_app", .error),
        ("debug,info", "linkerd_app", .info), ("linkerd_app_in=debug,warn", "linkerd", .warn),
        ("info,[{headers}]=off,linkerd[x]=trace", "linkerd_app", .info),
    ])
    func asksTheLongestTarget(text: String, target: String, level: LogLevel) throws {
        #expect(try LogFilter(parsing: text).level(of: target) == level)
    }

    @Test func isMadeOfALevel() {
        #expect(LogFilter(.debug).description == "debug")
        #expect(LogFilter(.debug).level(of: "linkerd") == .debug)
    }
}
