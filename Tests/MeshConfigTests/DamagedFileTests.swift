// SPDX-License-Identifier: Apache-2.0

import ManifestKit
import MeshConfig
import Testing

/// SplitMix64: the same damage in every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Whatever the bytes, reading gives a configuration or errors, each with its place.
@Suite("Damaged files")
struct DamagedFileTests {
    private let whole = Array(fullFile.utf8)

    private func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
        guard let manifest = try? Manifest(name: "mesh.yaml", bytes: bytes) else { return }
        let file = StandaloneFile.read(manifest, folder: "")
        let tree = ProxyConfigTree.read(manifest)
        let isSound = (file.config == nil) != file.errors.isEmpty
        #expect(isSound && (tree.settings == nil) != tree.errors.isEmpty, "\(what())")
        let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 1
        let places = (file.errors + tree.errors).map(\.position?.line)
        #expect(places.allSatisfy { (1...lines).contains($0 ?? 0) }, "\(what())")
    }

    @Test func areReadUpToAnyByte() {
        for count in 0...whole.count {
            check(Array(whole.prefix(count)), "cut after \(count) bytes")
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func areReadWithAnyBytesChanged(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let marks = Array("{}[]:,-&*<'\"|>#?!~ \n\t05a\\".utf8)
        for round in 0..<400 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                let byte = marks.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[index] = byte
                case 2: bytes.insert(byte, at: index)
                default: bytes.remove(at: index)
                }
            }
            check(bytes, "seed \(seed), round \(round)")
        }
    }

    /// Lines that change places make keys meet that never should.
    @Test func areReadWithLinesMoved() {
        var generator = SeededGenerator(state: 5)
        let lines = whole.split(separator: UInt8(ascii: "\n"))
        for round in 0..<300 {
            var moved = lines
            for _ in 0..<3 {
                let from = Int.random(in: moved.indices, using: &generator)
                let to = Int.random(in: moved.indices, using: &generator)
                moved[from] = moved[to]
            }
            check(Array(moved.joined(separator: [UInt8(ascii: "\n")])), "round \(round)")
        }
    }
}
