// SPDX-License-Identifier: Apache-2.0

internal import ProxyCore

/// The request under way, for the access log.
///
/// An object of its own: without an access log a connection pays for a reference.
final class AccessEntry {
    var record: AccessRecord
    private let startNanos = SystemCalls.monotonicNanos()

    init(_ record: AccessRecord) { self.record = record }

    /// The proxy has done its part: the request is on its way, or answered.
    func handedOn() { record.processingNanos = SystemCalls.monotonicNanos() - startNanos }

    func line(_ format: AccessLogFormat) -> [UInt8] {
        record.totalNanos = SystemCalls.monotonicNanos() - startNanos
        if record.processingNanos == 0 { record.processingNanos = record.totalNanos }
        return record.line(format)
    }
}

extension HTTP1Connection {
    /// Begins the entry of a request whose head was read just now; as in Linkerd only requests into
    /// the pod have one.
    func beginAccessEntry(_ head: RequestHead, _ buffer: [UInt8], _ start: Int) {
        guard worker.accessLog != nil, direction == .inbound else { return }
        var record = worker.parser.accessRecord(head, of: buffer, base: start)
        record.clientAddress = origin.clientAddress.map { "\($0)" } ?? ""
        record.clientID = origin.identity ?? ""
        record.unixNanos = SystemCalls.unixNanos()
        access = AccessEntry(record)
    }

    func endAccessEntry() {
        guard let access, let format = worker.accessLog else { return }
        self.access = nil
        worker.log.access(access.line(format))
    }
}
