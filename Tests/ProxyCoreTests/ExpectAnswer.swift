// SPDX-License-Identifier: Apache-2.0

import Testing

/// Checks the answer of a machine; `#expect` cannot call what changes a value.
func expectAnswer<Answer: Equatable & Sendable>(
    _ answer: Answer,
    _ expected: Answer,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(answer == expected, sourceLocation: sourceLocation)
}
