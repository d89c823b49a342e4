// SPDX-License-Identifier: Apache-2.0

internal import CCAres
internal import CLinux
internal import Glibc
internal import MeshModel
internal import ProxyCore

/// Whoever a channel tells what it wants and what it has found out.
protocol DNSChannelOwner: AnyObject {
    /// The channel wants to hear of these events on a socket; of none: it is about to close it.
    func channelWants(_ events: SocketEvents, on descriptor: Int32)
    /// A question is settled; it must not be answered by another one from in here.
    func channelAnswered(_ answer: NameAnswer, _ family: IPFamily, _ question: NameTable.Question)
}

/// c-ares: asks name servers, by UDP and, where an answer does not fit, by TCP.
///
/// It waits for nothing: whoever owns it says when a socket is ready and when time has passed. It
/// knows no search domains and reads no files; which whole name to ask for is decided elsewhere.
@safe final class DNSChannel {
    private var channel: ares_channel?
    private let owner: Owner

    /// What c-ares has a pointer to; it lives as long as the channel does.
    private final class Owner {
        weak var value: (any DNSChannelOwner)?
        init(_ value: any DNSChannelOwner) { self.value = value }
    }

    /// One question on its way, which c-ares has a pointer to until it is settled.
    private final class Pending {
        let owner: Owner
        let question: NameTable.Question
        let family: IPFamily

        init(_ owner: Owner, _ question: NameTable.Question, _ family: IPFamily) {
            self.owner = owner
            self.question = question
            self.family = family
        }
    }

    /// nil without memory for it, or without a server.
    init?(_ config: ResolverConfig, owner: any DNSChannelOwner) {
        self.owner = Owner(owner)
        guard !config.servers.isEmpty, ares_library_init(ARES_LIB_INIT_ALL) == 0,
            let channel = unsafe Self.make(config, self.owner)
        else { return nil }
        unsafe self.channel = channel
        let servers = config.servers.map(\.description).joined(separator: ",")
        guard unsafe ares_set_servers_ports_csv(channel, servers) == 0 else {
            close()
            return nil
        }
    }

    deinit { close() }

    private static func make(_ config: ResolverConfig, _ owner: Owner) -> ares_channel? {
        var options = unsafe ares_options()
        unsafe options.timeout = Int32(clamping: config.timeoutMillis)
        unsafe options.tries = Int32(clamping: config.tries)
        // SAFETY: `owner` lives until the channel, which calls back with it, is destroyed.
        unsafe options.sock_state_cb_data = Unmanaged.passUnretained(owner).toOpaque()
        unsafe options.sock_state_cb = { data, descriptor, readable, writable in
            guard let data = unsafe data else { return }
            var events: SocketEvents = []
            if readable != 0 { events.insert(.readable) }
            if writable != 0 { events.insert(.writable) }
            let owner = unsafe Unmanaged<Owner>.fromOpaque(data).takeUnretainedValue()
            owner.value?.channelWants(events, on: descriptor)
        }
        let mask =
            ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS
            | ARES_OPT_RESOLVCONF | ARES_OPT_DOMAINS
        var channel: ares_channel?
        // SAFETY: c-ares copies both strings. The file is read already; nothing is in this one.
        let status = unsafe "b".withMutableCString { lookups in
            unsafe "/dev/null".withMutableCString { path in
                unsafe options.lookups = lookups
                unsafe options.resolvconf_path = path
                return unsafe ares_init_options(&channel, &options, mask)
            }
        }
        return unsafe status == 0 ? channel : nil
    }

    /// Lets go of all sockets; open questions fail.
    func close() {
        guard let channel = unsafe channel else { return }
        unsafe self.channel = nil
        // SAFETY: nobody has the channel any more. It calls back for each question and socket.
        unsafe ares_destroy(channel)
    }

    // MARK: Asking

    /// Asks for a host's addresses of one family; the owner hears of the answer, perhaps at once.
    func ask(_ question: NameTable.Question, _ family: IPFamily) {
        guard let channel = unsafe channel else { return }
        let pending = Pending(owner, question, family)
        // RFC 1035 section 3.2.4 IN; section 3.2.2 A, RFC 3596 section 2.1 AAAA.
        let type: Int32 = family == .v4 ? 1 : 28
        // SAFETY: c-ares calls back exactly once, be it on being destroyed, and that takes the
        // reference back. The bytes of the answer are valid for the time of the call.
        unsafe ares_query(
            channel,
            question.host,
            1,
            type,
            { argument, status, _, bytes, count in
                guard let argument = unsafe argument else { return }
                let pending = unsafe Unmanaged<Pending>.fromOpaque(argument).takeRetainedValue()
                let answer = unsafe DNSChannel.answer(status, bytes, count, pending.family)
                pending.owner.value?.channelAnswered(answer, pending.family, pending.question)
            },
            Unmanaged.passRetained(pending).toOpaque()
        )
    }

    private static func answer(
        _ status: Int32,
        _ bytes: UnsafeMutablePointer<UInt8>?,
        _ count: Int32,
        _ family: IPFamily
    ) -> NameAnswer {
        guard status == ARES_SUCCESS else { return failure(status) }
        return unsafe family == .v4 ? addressesV4(bytes, count) : addressesV6(bytes, count)
    }

    private static func failure(_ status: Int32) -> NameAnswer {
        switch status {
        case ARES_ENOTFOUND, ARES_ENODATA: .none
        case ARES_ETIMEOUT: .failed("no name server answers")
        case ARES_ECONNREFUSED: .failed("no name server can be reached")
        case ARES_ESERVFAIL, ARES_EREFUSED, ARES_ENOTIMP:
            .failed("the name server could not tell")
        case ARES_EBADRESP, ARES_EFORMERR:
            .failed("the answer makes no sense")
        case ARES_EBADNAME: .failed("no question can be made of it")
        default: .failed("error \(status) of c-ares")
        }
    }

    /// LIMIT: addresses that are read of one answer; more than that are not used of a name.
    private static let recordsMax = NameTable.addressesMax

    private static func addressesV4(
        _ bytes: UnsafeMutablePointer<UInt8>?,
        _ byteCount: Int32
    ) -> NameAnswer {
        var records = [ares_addrttl](repeating: ares_addrttl(), count: recordsMax)
        var count = Int32(recordsMax)
        // SAFETY: c-ares writes at most `count` records, and how many they are.
        let status = unsafe ares_parse_a_reply(bytes, byteCount, nil, &records, &count)
        guard status == ARES_SUCCESS else { return failure(status) }
        let found = records.prefix(Int(count))
        return usable(
            found.map { .v4(UInt32(bigEndian: $0.ipaddr.s_addr)) },
            ttl: found.map(\.ttl).min() ?? 0
        )
    }

    private static func addressesV6(
        _ bytes: UnsafeMutablePointer<UInt8>?,
        _ byteCount: Int32
    ) -> NameAnswer {
        var records = [ares_addr6ttl](repeating: ares_addr6ttl(), count: recordsMax)
        var count = Int32(recordsMax)
        // SAFETY: as above.
        let status = unsafe ares_parse_aaaa_reply(bytes, byteCount, nil, &records, &count)
        guard status == ARES_SUCCESS else { return failure(status) }
        let found = records.prefix(Int(count))
        let addresses = found.map { record in
            var octets = record.ip6addr
            // SAFETY: the address is 16 bytes without padding.
            let value = unsafe withUnsafeBytes(of: &octets) {
                unsafe UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self))
            }
            return IPAddress.v6(value)
        }
        return usable(addresses, ttl: found.map(\.ttl).min() ?? 0)
    }

    /// Nobody can connect to `0.0.0.0`, and the kernel would take it for this machine.
    private static func usable(_ addresses: [IPAddress], ttl: Int32) -> NameAnswer {
        let usable = addresses.filter { !$0.isUnspecified }
        return usable.isEmpty ? .none : .addresses(usable, ttlSeconds: UInt32(clamping: ttl))
    }

    // MARK: Time and sockets

    /// Tells it that a socket is ready.
    func handle(_ events: SocketEvents, on descriptor: Int32) {
        guard let channel = unsafe channel else { return }
        unsafe ares_process_fd(
            channel,
            events.contains(.readable) ? descriptor : -1,
            events.contains(.writable) || events.contains(.hungUp) ? descriptor : -1
        )
    }

    /// Tells it that time has passed.
    func passTime() {
        guard let channel = unsafe channel else { return }
        unsafe ares_process_fd(channel, -1, -1)
    }

    /// After how long time will have passed; nil while nothing is on its way.
    var nextNanos: UInt64? {
        guard let channel = unsafe channel else { return nil }
        var time = timeval()
        // SAFETY: c-ares writes one timeval.
        guard unsafe ares_timeout(channel, nil, &time) != nil else { return nil }
        return UInt64(clamping: time.tv_sec) * 1_000_000_000 + UInt64(clamping: time.tv_usec) * 1000
    }
}

extension String {
    /// The text as a C string that c-ares does not write to although it says that it might.
    fileprivate func withMutableCString<Result>(
        _ body: (UnsafeMutablePointer<CChar>) -> Result
    ) -> Result {
        var bytes = utf8CString
        // SAFETY: the array is the callee's alone for the time of the call; it ends with NUL.
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("NUL is always there") }
            return unsafe body(base)
        }
    }
}
