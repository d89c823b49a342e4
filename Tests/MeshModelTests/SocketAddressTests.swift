// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Socket address")
struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1:4140", "127.0.0.1:4140"), ("0.0.0.0:0", "0.0.0.0:0"),
        ("255.255.255.255:65535", "255.255.255.255:65535"), ("10.0.0.1:080", "10.0.0.1:80"),
        ("[::1]:4140", "[::1]:4140"), ("[::]:1", "[::]:1"),
        ("[2001:DB8:0::1]:443", "[2001:db8::1]:443"),
        ("[::ffff:1.2.3.4]:80", "[::ffff:1.2.3.4]:80"),
    ])
    func readsAddressesWithPorts(text: String, canonical: String) throws {
        let address = try SocketAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(try SocketAddress(parsing: canonical) == address)
        // A host that is written wins over the default.
        #expect(try SocketAddress(parsing: text, defaultHost: .v4(1)) == address)
    }

    @Test func takesTheDefaultHostWhereThereIsOne() throws {
        let address = try SocketAddress(parsing: ":4140", defaultHost: .loopbackV4)
        #expect(address == SocketAddress(ip: .loopbackV4, port: 4140))
        #expect(
            try SocketAddress(parsing: ":0", defaultHost: .v6(0))
                == SocketAddress(ip: .v6(0), port: 0)
        )
    }

    @Test(arguments: [
        (
            "4140",
            "\"4140\" is not an address with a port; write one such as \"127.0.0.1:4140\""
        ),
        (
            ":4140",
            "\":4140\" has no IP address before the colon; write one such as \"127.0.0.1:4140\""
        ),
        (
            "127.0.0.1:",
            "\"127.0.0.1:\" does not end in a port; "
                + "write a number from 0 to 65535 after the colon, as in \"127.0.0.1:4140\""
        ),
        (
            "::1:4140",
            "\"::1:4140\" needs its IPv6 address in brackets; write one such as \"[::1]:4140\""
        ),
        (
            "localhost:80",
            "\"localhost:80\" does not start with an IP address; "
                + "write one such as \"127.0.0.1:4140\" or \"[::1]:4140\""
        ),
    ])
    func saysWhatIsWrong(text: String, message: String) {
        #expect(throws: ValueError(message)) { try SocketAddress(parsing: text) }
    }

    @Test(arguments: [
        "", ":", "::", "[]:1", "[:1", "]:1", "[::1]", "[::1]:", "[::1]:65536", "[::1:80",
        "::1]:80", "[[::1]]:80", "[127.0.0.1]:80", "[::1%eth0]:80", "[::1] :80", "1.2.3.4:+80",
        "1.2.3.4:-1", "1.2.3.4:80 ", " 1.2.3.4:80", "1.2.3.4:8o", "1.2.3.4:65536", "1.2.3:80",
        "1.2.3.4::80", "1.2.3.4:80:80", "1.2.3.4:http", "http://1.2.3.4:80", "１.2.3.4:80",
    ])
    func refusesAnythingElse(text: String) {
        #expect(throws: ValueError.self) { try SocketAddress(parsing: text) }
    }

    @Test func suggestsTheShortFormWhereItIsAllowed() {
        let message = refusal { () throws(ValueError) in
            try SocketAddress(parsing: "4140", defaultHost: .loopbackV4)
        }
        #expect(
            message == "\"4140\" is not an address with a port; write one such as \":4140\""
        )
    }

    @Test(arguments: [
        ("127.0.0.1", true, false), ("127.255.0.9", true, false), ("128.0.0.1", false, false),
        ("0.0.0.0", false, true), ("::1", true, false), ("::", false, true),
        ("::2", false, false), ("::ffff:127.0.0.1", true, false),
        ("::ffff:126.0.0.1", false, false), ("::7f00:1", false, false),
    ])
    func tellsLoopbackAndUnspecified(text: String, isLoopback: Bool, isUnspecified: Bool) throws {
        let address = try IPAddress(parsing: text)
        #expect(address.isLoopback == isLoopback)
        #expect(address.isUnspecified == isUnspecified)
    }
}
