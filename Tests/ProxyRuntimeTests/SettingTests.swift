// SPDX-License-Identifier: Apache-2.0

import MeshConfig
import ProxyCore
import Testing

@testable import ProxyRuntime

/// What `--explain` shows is all that there is.
@Suite("Settings")
struct SettingTests {
    @Test func areAllVariablesThatHaveAnEffect() {
        let shown = Set(Setting.all.flatMap(\.variables))
        let used = ProxyVariable.table.filter { row in
            // One that must not be set sets nothing.
            if case .never = row.type { return false }
            return row.state == .used
        }.map(\.name)
        #expect(Set(used).subtracting(shown).sorted() == [])
    }

    /// Services and probes have rows of their own.
    @Test func areAllKeysThatHoldAValue() {
        let shown = Set(Setting.all.compactMap(\.key))
        let paths = ConfigKeys.all.map(\.path)
        let leaves = paths.filter { path in !paths.contains { $0.hasPrefix(path + ".") } }
        let fixed = leaves.filter { !$0.contains("NAME") && !$0.hasPrefix("inbound.probes") }
        #expect(Set(fixed).subtracting(shown).sorted() == [])
    }

    @Test func haveNamesOfTheirOwn() {
        let names = Setting.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(!names.contains(""))
    }
}
