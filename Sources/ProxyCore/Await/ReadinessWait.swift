// SPDX-License-Identifier: Apache-2.0

/// Decides how long to ask a proxy whether it is ready, without I/O and without a clock.
///
/// Overview: it is asked again and again until it says yes or the time is over. Each question has a
/// time of its own, so that a listener that says nothing does not use up all of it.
public struct ReadinessWait: Sendable {
    /// Why one question came to nothing.
    public enum Failure: Equatable, Sendable {
        /// Nobody could be asked.
        case notConnected(String)
        /// An answer other than 200.
        case status(Int)
        /// An answer in no language of ours.
        case notHTTP
        /// An end before an answer.
        case noAnswer
        /// Nothing in time.
        case tooSlow

        /// The failure as the end of a sentence that starts with who was asked.
        public var description: String {
            switch self {
            case .notConnected(let reason):
                "cannot be connected to (\(reason)): the proxy has ended or has not started, or "
                    + "its admin port is another (--port)"
            case .status(503):
                "answers 503: the proxy has no certificate yet, or is about to end"
            case .status(let code):
                "answers \(code), which the proxy never does: something else listens there"
            case .notHTTP: "does not answer in HTTP: something else than the proxy listens there"
            case .noAnswer: "ends the connection without an answer"
            case .tooSlow: "accepts connections and does not answer"
            }
        }
    }

    /// What to do next.
    public enum Step: Equatable, Sendable {
        /// Ask, and hear the answer before this time.
        case ask(untilNanos: UInt64)
        /// Do nothing before this time.
        case pause(untilNanos: UInt64)
        /// The time is over; the failure is the one that tells most.
        case giveUp(Failure)
    }

    /// LIMIT: a second a question, as the kubelet's probes of the same page have.
    static let questionNanosMax: UInt64 = 1_000_000_000
    /// Short, because it is added to the start of every pod; the page costs the proxy nothing.
    static let pauseNanos: UInt64 = 50_000_000

    private let deadlineNanos: UInt64
    private var questionUntilNanos: UInt64 = 0
    private var failure: Failure?

    /// Begins to wait.
    public init(timeoutNanos: UInt64, nowNanos: UInt64) {
        let (sum, overflow) = nowNanos.addingReportingOverflow(timeoutNanos)
        deadlineNanos = overflow ? .max : sum
    }

    /// The next question, the first too.
    public mutating func next(nowNanos: UInt64) -> Step {
        guard nowNanos < deadlineNanos else { return .giveUp(failure ?? .tooSlow) }
        questionUntilNanos = min(deadlineNanos, nowNanos + Self.questionNanosMax)
        return .ask(untilNanos: questionUntilNanos)
    }

    /// A question came to nothing.
    public mutating func failed(_ failure: Failure, nowNanos: UInt64) -> Step {
        // One that only the end of all waiting cut short says less than the one before it.
        let isCutShort = failure == .tooSlow && questionUntilNanos == deadlineNanos
        if !isCutShort || self.failure == nil { self.failure = failure }
        guard nowNanos < deadlineNanos else { return .giveUp(self.failure ?? failure) }
        return .pause(untilNanos: min(deadlineNanos, nowNanos + Self.pauseNanos))
    }
}
