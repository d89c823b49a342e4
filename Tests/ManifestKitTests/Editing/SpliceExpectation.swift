// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ManifestKit

/// Checks that an output is its input with nothing but the splices carried out.
///
/// Written apart from `Splice.apply`: walks both texts and compares what lies between the splices.
func expectOnlySplices(
    _ splices: [Splice],
    turn input: [UInt8],
    into output: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var read = 0
    var written = 0
    var isSame = true
    func compare(_ count: Int) {
        let old = input[read..<min(read + count, input.count)]
        let new = output[written..<min(written + count, output.count)]
        isSame = isSame && old.count == count && old.elementsEqual(new)
        read += old.count
        written += new.count
    }
    for splice in splices {
        isSame = isSame && splice.range.lowerBound >= read
        guard isSame else { break }
        compare(splice.range.lowerBound - read)
        read = splice.range.upperBound
        let new = output[written...].prefix(splice.replacement.count)
        isSame = isSame && new.elementsEqual(splice.replacement)
        written += new.count
    }
    if isSame { compare(input.count - read) }
    #expect(
        isSame && written == output.count,
        "bytes outside the splices changed",
        sourceLocation: sourceLocation
    )
}
