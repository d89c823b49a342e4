// SPDX-License-Identifier: Apache-2.0

/// Finds the word a person most likely meant.
public enum Suggestion {
    /// LIMIT: the distance is quadratic in length; 128 is twice the longest annotation name (63).
    static let wordScalarsMax = 128

    /// Returns the candidate nearest to `word`, or nil when nothing is near.
    ///
    /// Near means one slip per four letters and at most three (insert, delete, replace, swap of
    /// neighbours); letter case does not count. Of equally near ones the alphabetically first
    /// wins, whatever the order of `candidates`.
    public static func nearest(to word: String, in candidates: [String]) -> String? {
        // A UTF-8 byte count is never less than the number of scalars, and costs nothing to ask.
        guard !word.isEmpty, word.utf8.count <= wordScalarsMax else { return nil }
        let target = Array(word.lowercased().unicodeScalars)
        let limit = slipsMax(length: target.count)
        var best: (distance: Int, word: String)?
        for candidate in candidates where candidate.utf8.count <= wordScalarsMax {
            let other = Array(candidate.lowercased().unicodeScalars)
            guard abs(other.count - target.count) <= limit else { continue }
            let distance = slips(from: target, to: other)
            guard distance <= limit else { continue }
            if let best, (best.distance, best.word) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.word
    }

    /// Short words get no slack: `on` is not `no`.
    private static func slipsMax(length: Int) -> Int {
        length < 3 ? 0 : min(3, max(1, length / 4))
    }

    /// The optimal string alignment distance (Damerau-Levenshtein without repeated edits).
    static func slips(from first: [Unicode.Scalar], to second: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for i in 0..<first.count {
            var row = [i + 1]
            row.reserveCapacity(second.count + 1)
            for j in 0..<second.count {
                let replaced = last[j] + (first[i] == second[j] ? 0 : 1)
                var least = min(replaced, last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                    least = min(least, beforeLast[j - 1] + 1)
                }
                row.append(least)
            }
            (beforeLast, last) = (last, row)
        }
        return last[second.count]
    }
}
