// SPDX-License-Identifier: Apache-2.0

/// Reads the head of an HTTP/1 message in one pass (RFC 9112), and keeps where its fields are.
///
/// It is strict: what two readers could understand in two ways is refused. One parser serves all
/// connections of a thread, one head after another; once its list of fields has grown it allocates
/// nothing.
public struct HeadParser: ~Copyable {
    /// What the bytes of a head, from its first on, say.
    public enum Step<Head: Equatable & Sendable>: Equatable, Sendable {
        /// The head has not ended.
        case needsMore
        /// It is whole.
        case head(Head)
        /// It is none, whatever follows.
        case refused(HTTP1Refusal)
    }

    /// What ends a pass before the head does.
    enum Stop: Error {
        case needsMore
        case refused(HTTP1Refusal)
    }

    /// The fields of the head that was read last.
    var fields: [HeadField] = []
    /// Which kinds of fields it has, so that nobody looks for what is not there.
    var kinds = FieldKinds()
    /// Whether Connection names fields that end at the next hop.
    var hasNominations = false

    /// Makes a parser.
    public init() {}

    /// Reads a request's head; the bytes are all that have come since the one before it ended.
    public mutating func request(_ bytes: Span<UInt8>) -> Step<RequestHead> {
        do throws(Stop) {
            return .head(try readRequest(bytes.extracting(first: HTTP1Limits.headBytesMax)))
        } catch {
            return Self.step(error, bytes.count)
        }
    }

    /// Reads a response's head.
    public mutating func response(_ bytes: Span<UInt8>) -> Step<ResponseHead> {
        do throws(Stop) {
            return .head(try readResponse(bytes.extracting(first: HTTP1Limits.headBytesMax)))
        } catch {
            return Self.step(error, bytes.count)
        }
    }

    private static func step<Head>(_ stop: Stop, _ count: Int) -> Step<Head> {
        switch stop {
        case .refused(let refusal): .refused(refusal)
        case .needsMore:
            count < HTTP1Limits.headBytesMax ? .needsMore : .refused(.headTooLarge)
        }
    }

    // MARK: Fields

    /// Reads field lines up to the empty line, and returns where the body begins.
    mutating func readFields(
        _ bytes: Span<UInt8>,
        from start: Int
    ) throws(Stop) -> Int {
        fields.removeAll(keepingCapacity: true)
        kinds = FieldKinds()
        hasNominations = false
        var index = start
        while true {
            guard index < bytes.count else { throw .needsMore }
            switch bytes[index] {
            case UInt8(ascii: "\r"):
                return try Self.lineEnd(bytes, at: index)
            case UInt8(ascii: "\n"): throw .refused(.bareLineFeed)
            case 0x20, 0x09: throw .refused(.lineFolding)
            default:
                let field = try Self.field(bytes, at: index)
                guard fields.count < HTTP1Limits.fieldsMax else {
                    throw .refused(.tooManyFields)
                }
                fields.append(field)
                kinds.insert(field.kind)
                index = field.lineEnd
            }
        }
    }

    /// Reads one field line (RFC 9112 section 5).
    @inline(__always)
    static func field(
        _ bytes: Span<UInt8>,
        at start: Int
    ) throws(Stop) -> HeadField {
        var index = ByteRuns.endOfToken(bytes, from: start)
        guard index < bytes.count else { throw .needsMore }
        let nameEnd = index
        switch bytes[index] {
        case UInt8(ascii: ":") where nameEnd > start: index += 1
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"): throw .refused(.fieldWithoutColon)
        default: throw .refused(.fieldNameSyntax)
        }
        while index < bytes.count, ByteClass.isBlank(bytes[index]) { index += 1 }
        let valueStart = index
        index = ByteRuns.endOfFieldValue(bytes, from: index)
        let lineEnd = try lineEnd(bytes, at: index, otherwise: .fieldValueSyntax)
        while index > valueStart, ByteClass.isBlank(bytes[index - 1]) { index -= 1 }
        return HeadField(
            nameStart: start,
            nameEnd: nameEnd,
            valueStart: valueStart,
            valueEnd: index,
            lineEnd: lineEnd,
            kind: FieldKind(bytes, start..<nameEnd)
        )
    }

    /// Returns what comes after the CRLF that must stand here.
    @inline(__always)
    static func lineEnd(
        _ bytes: Span<UInt8>,
        at index: Int,
        otherwise refusal: HTTP1Refusal = .bareCarriageReturn
    ) throws(Stop) -> Int {
        guard index < bytes.count else { throw .needsMore }
        guard bytes[index] == UInt8(ascii: "\r") else {
            throw .refused(bytes[index] == UInt8(ascii: "\n") ? .bareLineFeed : refusal)
        }
        guard index + 1 < bytes.count else { throw .needsMore }
        guard bytes[index + 1] == UInt8(ascii: "\n") else { throw .refused(.bareCarriageReturn) }
        return index + 2
    }

    /// Where the whole head may have ended: what follows the first empty line, if there is one.
    ///
    /// For heads that come in pieces: `from` is what was searched before, so that no byte is looked
    /// at for each piece anew. A head is only worth reading once this finds its end.
    public static func mayHaveEnded(_ bytes: Span<UInt8>, from: Int) -> Bool {
        var index = max(from - 3, 0)
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") {
                if bytes[index + 1] == UInt8(ascii: "\n") { return true }
                if bytes[index + 1] == UInt8(ascii: "\r"), index + 2 < bytes.count,
                    bytes[index + 2] == UInt8(ascii: "\n")
                {
                    return true
                }
            }
            index += 1
        }
        return false
    }
}
