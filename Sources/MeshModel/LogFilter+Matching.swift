// SPDX-License-Identifier: Apache-2.0

extension LogFilter {
    /// Makes a filter that lets a level of every target through.
    public init(_ level: LogLevel) {
        directives = [Directive(target: nil, span: nil, level: level)]
    }

    /// How much the messages of a target may say.
    ///
    /// As in `EnvFilter` the longest target that the message's begins with decides, and of several
    /// the last; what no directive is about is off. Directives of spans are about messages within
    /// them, of which we have none.
    public func level(of target: String) -> LogLevel {
        var found: (length: Int, level: LogLevel) = (0, .off)
        for directive in directives where directive.span == nil {
            let wanted = directive.target ?? ""
            guard target.hasPrefix(wanted), wanted.utf8.count >= found.length else { continue }
            found = (wanted.utf8.count, directive.level ?? .trace)
        }
        return found.level
    }
}
