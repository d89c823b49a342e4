// SPDX-License-Identifier: Apache-2.0

/// How many bytes of IP a network namespace has received and sent, as the kernel counts them.
public struct NetworkOctets: Equatable, Sendable {
    /// All that came in, by the loopback interface too.
    public let received: Int
    /// All that went out, by the loopback interface too.
    public let sent: Int

    /// Reads `netstat` of proc_pid_net(5); nil where the numbers are not there.
    ///
    /// It has pairs of lines, one of names and one of numbers, that begin with the same word.
    public init?(parsing text: String) {
        var names: [Substring] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.first == "IpExt:" else { continue }
            guard !names.isEmpty else {
                names = words
                continue
            }
            let numbers = Dictionary(zip(names, words)) { first, _ in first }
            guard let received = numbers["InOctets"].flatMap({ Int($0) }),
                let sent = numbers["OutOctets"].flatMap({ Int($0) })
            else { return nil }
            (self.received, self.sent) = (received, sent)
            return
        }
        return nil
    }
}
