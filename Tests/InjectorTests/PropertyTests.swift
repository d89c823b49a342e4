// SPDX-License-Identifier: Apache-2.0

import Foundation
import Injector
import ManifestKit
import Testing

/// The laws of `InjectLaws` on manifests that nobody thought of.
@Suite("Properties")
struct PropertyTests {
    private static let batchCount = 8
    private static let batchSize = 250

    /// `PROPERTY_ROUND=7` is about other cases than the usual ones, with every law for each.
    private static let round = UInt64(
        ProcessInfo.processInfo.environment["PROPERTY_ROUND"] ?? ""
    )

    /// One made-up case; the seed is all that is needed to make it again.
    struct Case {
        let source: String
        let options: InjectOptions
        let other: InjectOptions
        let laws: [InjectLaws.Law]

        init(seed: UInt64) throws {
            var generator = ManifestGenerator(seed: seed)
            source = generator.manifest()
            let isThorough = PropertyTests.round != nil
            var choices = OptionsGenerator(
                random: SeededGenerator(seed: ~seed),
                sidecars: isThorough ? 50 : 5
            )
            options = try choices.options()
            other = try choices.options()
            // All of them would take too long for every run of the tests.
            let some: [InjectLaws.Law] = [.repetition, .removal, .replacement]
            let another = seed % 4 == 0 ? [some[Int(seed / 4 % 3)]] : []
            laws = isThorough ? InjectLaws.Law.allCases : [.inversion] + another
        }

        func breach(of text: String) -> String? {
            guard let manifest = try? Manifest(name: "x", bytes: Array(text.utf8)) else {
                return nil
            }
            return InjectLaws(manifest).breach(options, after: other, of: laws)
        }

        /// The source without the lines that the breach does not need.
        func shrunk() -> String {
            var lines = pieces()
            var size = lines.count / 2
            while size > 0 {
                var start = 0
                while start < lines.count {
                    var fewer = lines
                    fewer.removeSubrange(start..<min(start + size, lines.count))
                    if breach(of: fewer.joined()) != nil {
                        lines = fewer
                    } else {
                        start += size
                    }
                }
                size /= 2
            }
            return lines.joined()
        }

        /// The lines with their breaks, LF, CRLF or CR.
        private func pieces() -> [String] {
            var pieces = [""]
            var previous: Unicode.Scalar?
            for scalar in source.unicodeScalars {
                let endsHere = previous == "\n" || (previous == "\r" && scalar != "\n")
                if endsHere { pieces.append("") }
                pieces[pieces.count - 1].unicodeScalars.append(scalar)
                previous = scalar
            }
            return pieces
        }
    }

    @Test(arguments: 0..<batchCount)
    func holdForMadeUpManifests(batch: Int) throws {
        for index in 0..<Self.batchSize {
            let first = (Self.round ?? 0) * UInt64(Self.batchCount * Self.batchSize)
            let seed = first + UInt64(batch * Self.batchSize + index)
            let made = try Case(seed: seed)
            guard made.breach(of: made.source) != nil else { continue }
            let small = made.shrunk()
            let breach = made.breach(of: small) ?? ""
            Issue.record("seed \(seed): \(breach)\nof \(small.debugDescription)")
            return
        }
    }

    /// Most of what is made up is accepted, and changed; else the laws would say little.
    @Test func areMostlyAboutManifestsThatChange() throws {
        var counts = (parsed: 0, accepted: 0, changed: 0)
        let count = 100
        for seed in 0..<UInt64(count) {
            let made = try Case(seed: seed)
            guard let manifest = try? Manifest(name: "x", bytes: Array(made.source.utf8)) else {
                continue
            }
            counts.parsed += 1
            let outcome = Injector.inject(manifest, options: made.options)
            if outcome.errors.isEmpty { counts.accepted += 1 }
            if !outcome.splices.isEmpty { counts.changed += 1 }
        }
        #expect(counts.parsed > 95, "\(counts) of \(count)")
        #expect(counts.accepted > 80, "\(counts) of \(count)")
        #expect(counts.changed > 65, "\(counts) of \(count)")
    }
}
