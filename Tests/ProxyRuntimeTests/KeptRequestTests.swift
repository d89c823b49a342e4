// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@testable import ProxyRuntime

/// What is kept of a request in case it must be sent again.
@Suite("Kept requests")
struct KeptRequestTests {
    private func kept(_ isIdempotent: Bool, _ mayMove: Bool, _ counts: Int...) -> KeptRequest {
        var kept = KeptRequest()
        kept.begin(isIdempotent: isIdempotent, mayMove: mayMove)
        for count in counts {
            kept.append([UInt8](repeating: 7, count: count + 2), 1..<count + 1)
        }
        return kept
    }

    @Test func keepsWhatWasSent() {
        #expect(kept(true, false, 3, 0, 4).bytes == [UInt8](repeating: 7, count: 7))
        #expect(kept(false, true, 3).bytes?.count == 3)
    }

    @Test func keepsNothingThatCannotBeSentAgain() {
        #expect(kept(false, false, 3).bytes == nil)
    }

    @Test func letsGoOfWhatIsTooLarge() {
        let limit = HTTP1Limits.repeatBytesMax
        #expect(kept(true, true, limit - 1, 1).bytes?.count == limit)
        #expect(kept(true, true, limit, 1).bytes == nil)
        // The end alone would be another request.
        #expect(kept(true, true, limit, 1, 1).bytes == nil)
    }

    @Test func beginsAnew() {
        var kept = kept(true, true, 9)
        kept.forget()
        #expect(kept.bytes == nil)
        kept.begin(isIdempotent: true, mayMove: false)
        #expect(kept.bytes == [])
    }
}
