// SPDX-License-Identifier: Apache-2.0

extension LogFilter {
    /// Reads a filter; empty directives are skipped as `EnvFilter` does, but one must remain.
    ///
    /// Spaces are refused because `EnvFilter` refuses them, which would stop the proxy at start.
    public init(parsing text: String) throws(ValueError) {
        var directives: [Directive] = []
        var rest = text[...].utf8
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: ",") {
                rest.removeFirst()
            } else {
                directives.append(try Self.nextDirective(&rest))
            }
        }
        guard !directives.isEmpty else {
            throw ValueError(
                "a log filter must not be empty; write one such as \"warn,linkerd=info\""
            )
        }
        self.directives = directives
    }

    /// Takes one directive off `rest`, up to a comma or the end.
    private static func nextDirective(
        _ rest: inout Substring.UTF8View
    ) throws(ValueError) -> Directive {
        let start = rest
        let word = rest.prefix(while: isTargetByte)
        rest = rest[word.endIndex...]
        let span = try nextSpan(&rest)
        if rest.first == UInt8(ascii: "="), !word.isEmpty || span != nil {
            rest.removeFirst()
            let level = try nextLevel(&rest, after: start)
            return Directive(target: word.isEmpty ? nil : text(word), span: span, level: level)
        }
        guard rest.isEmpty || rest.first == UInt8(ascii: ",") else {
            throw unexpected(rest, in: start)
        }
        if span == nil {
            if let level = LogLevel(word) { return Directive(target: nil, span: nil, level: level) }
            try checkIsNoMistypedLevel(word)
        }
        return Directive(target: word.isEmpty ? nil : text(word), span: span, level: nil)
    }

    /// Takes `[…]` off `rest`; brackets inside quotes do not end it.
    private static func nextSpan(_ rest: inout Substring.UTF8View) throws(ValueError) -> String? {
        guard rest.first == UInt8(ascii: "[") else { return nil }
        var isQuoted = false
        var isEscaped = false
        var openBraces = 0
        for index in rest.indices {
            let byte = rest[index]
            if isQuoted {
                isQuoted = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isQuoted = true
            case UInt8(ascii: "{"): openBraces += 1
            case UInt8(ascii: "}"): openBraces -= 1
            case UInt8(ascii: "]") where openBraces == 0:
                let span = rest[...index]
                rest = rest[span.endIndex...]
                return text(span)
            default: break
            }
        }
        throw ValueError(
            "the \"[\" in \(ValueError.quote(rest)) is never closed; "
                + "write a span such as \"linkerd[name=\\\"inbound\\\"]=trace\""
        )
    }

    private static func nextLevel(
        _ rest: inout Substring.UTF8View,
        after directive: Substring.UTF8View
    ) throws(ValueError) -> LogLevel {
        let word = rest.prefix { $0 != UInt8(ascii: ",") }
        rest = rest[word.endIndex...]
        if let level = LogLevel(word) { return level }
        let place = directive[..<word.startIndex].dropLast()
        let level = likelyLevel(text(word)) ?? .info
        throw ValueError(
            "\(ValueError.quote(word)) in the log filter is not a level; levels are "
                + "\(Choice.listed(LogLevel.allCases.map(\.rawValue))), "
                + "so write \(ValueError.quote("\(text(place.prefix(60)))=\(level)"))"
        )
    }
}

extension LogFilter {
    /// `EnvFilter` takes word characters, `:` and `-` in a target; module paths have dots nowhere,
    /// but our own targets may.
    private static func isTargetByte(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || "_:.-".utf8.contains(byte)
    }

    private static func text(_ view: Substring.UTF8View) -> String {
        String(Substring(view))
    }

    /// A lone word is a target by the grammar, but `inof` or `6` is surely meant as a level.
    private static func checkIsNoMistypedLevel(_ word: Substring.UTF8View) throws(ValueError) {
        let isNumber = word.allSatisfy(\.isASCIIDigit)
        guard let level = isNumber ? .info : likelyLevel(text(word)) else { return }
        throw ValueError(
            "\(ValueError.quote(word)) in the log filter is not a level; write \"\(level)\", or "
                + "\(ValueError.quote("\(text(word.prefix(60)))=\(level)")) if it names a module"
        )
    }

    private static func likelyLevel(_ word: String) -> LogLevel? {
        switch word.utf8.count < 16 ? word.lowercased() : "" {
        case "warning": .warn
        case "err", "critical", "fatal", "panic": .error
        case "none", "false": .off
        case "verbose", "all": .trace
        default:
            Suggestion.nearest(to: word, in: LogLevel.allCases.map(\.rawValue))
                .flatMap(LogLevel.init(rawValue:))
        }
    }

    private static func unexpected(
        _ rest: Substring.UTF8View,
        in directive: Substring.UTF8View
    ) -> ValueError {
        let scalar = Substring(rest).unicodeScalars.first.map { String($0) } ?? ""
        let isSpace = rest.first?.isASCIISpace == true
        return ValueError(
            (isSpace ? "a space" : ValueError.quote(scalar))
                + " may not stand in the log filter, at \(ValueError.quote(directive)); "
                + "write one such as \"warn,linkerd=info\""
        )
    }
}
