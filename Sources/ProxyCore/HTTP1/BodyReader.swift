// SPDX-License-Identifier: Apache-2.0

/// Finds the end of one message's body in bytes that pass by; they are passed on as they are.
public struct BodyReader: Sendable {
    private enum State: Sendable {
        case complete
        case length(left: UInt64)
        case chunked(ChunkReader)
        case untilClose
    }

    private var state: State

    /// Begins at the first byte of a body.
    public init(_ framing: BodyFraming) {
        switch framing {
        case .none: state = .complete
        case .length(let count): state = .length(left: count)
        case .chunked: state = .chunked(ChunkReader())
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the body has ended; nothing after it belongs to the message.
    public var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Takes bytes of the connection and returns how many of them are the body's.
    ///
    /// Fewer than were given means that it has ended.
    public mutating func consume(_ bytes: Span<UInt8>) throws(HTTP1Refusal) -> Int {
        switch state {
        case .complete: return 0
        case .untilClose: return bytes.count
        case .length(let left):
            let count = Int(min(left, UInt64(bytes.count)))
            state = UInt64(count) == left ? .complete : .length(left: left - UInt64(count))
            return count
        case .chunked(var reader):
            let count = try reader.consume(bytes)
            state = reader.isComplete ? .complete : .chunked(reader)
            return count
        }
    }

    /// Takes note that the connection has ended; whether the body is whole.
    public mutating func connectionEnded() -> Bool {
        switch state {
        case .complete, .untilClose:
            state = .complete
            return true
        case .length, .chunked: return false
        }
    }
}
