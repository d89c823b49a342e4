// SPDX-License-Identifier: Apache-2.0

/// Numbers that look random and are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension [UInt8] {
    /// The array with one random change: a byte set, dropped, doubled, or the end cut off.
    func mutated(using numbers: inout SeededNumbers) -> [UInt8] {
        guard !isEmpty else { return self }
        var copy = self
        let index = Int.random(in: 0..<count, using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: copy[index] = UInt8.random(in: 0...255, using: &numbers)
        case 1: copy.remove(at: index)
        case 2: copy.insert(copy[index], at: index)
        default: copy.removeSubrange(index...)
        }
        return copy
    }
}
