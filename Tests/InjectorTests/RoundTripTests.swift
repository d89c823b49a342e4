// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import Testing

@testable import Injector

/// The two promises, on manifests that nobody thought of.
@Suite("Round trips")
struct RoundTripTests {
    /// LIMIT: manifests a run; a few milliseconds each.
    static let seeds = Array(UInt64(1)...600)

    @Test(arguments: Array(stride(from: 0, to: seeds.count, by: 50)))
    func comeBackByteForByte(start: Int) throws {
        for seed in Self.seeds[start..<start + 50] {
            var random = RandomManifest(seed: seed)
            let options = try random.options()
            let outcome = try InjectorRun.inject(random.text, options)
            guard outcome.errors.isEmpty else {
                Issue.record("seed \(seed): \(outcome.errors) of\n\(random.text)")
                continue
            }
            let once = InjectorRun.text(of: outcome)
            let twice = try InjectorRun.injected(once, options)
            #expect(twice == once, "seed \(seed)")
            let back = try InjectorRun.uninjected(once)
            #expect(
                back == random.text,
                "seed \(seed):\n\(random.text)\nbecame\n\(once)\nand came back as\n\(back)"
            )
        }
    }

    @Test func otherFlagsLeadToTheSameAsThoseFlagsAtOnce() throws {
        for seed in Self.seeds.prefix(200) {
            var random = RandomManifest(seed: seed)
            let (first, second) = (try random.options(), try random.options())
            let detour = try InjectorRun.inject(InjectorRun.injected(random.text, first), second)
            guard outcomeIsComparable(detour) else { continue }
            #expect(
                try InjectorRun.uninjected(InjectorRun.text(of: detour)) == random.text,
                "seed \(seed):\n\(random.text)"
            )
        }
    }

    private func outcomeIsComparable(_ outcome: InjectorOutcome) -> Bool {
        if !outcome.errors.isEmpty { Issue.record("\(outcome.errors)") }
        return outcome.errors.isEmpty
    }

    /// Without it the others could pass because the manifests say nothing.
    @Test func tryManyThings() throws {
        var results: Set<String> = []
        var styles = (flow: 0, carriageReturns: 0, changed: 0)
        for seed in Self.seeds.prefix(100) {
            var random = RandomManifest(seed: seed)
            let outcome = try InjectorRun.inject(random.text, random.options())
            results.formUnion(outcome.entries.map(\.result.word))
            if random.text.contains("{apiVersion") { styles.flow += 1 }
            if random.text.contains("\r\n") { styles.carriageReturns += 1 }
            if !outcome.splices.isEmpty { styles.changed += 1 }
        }
        #expect(results == ["injected", "annotated", "skipped"])
        #expect(styles.flow > 5)
        #expect(styles.carriageReturns > 5)
        #expect(styles.changed > 70)
    }
}
