// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("CIDR")
struct CIDRTests {
    @Test(arguments: [
        ("192.168.1.0/24", "192.168.1.0/24"),
        ("192.168.1.77/24", "192.168.1.0/24"),
        ("10.255.255.255/8", "10.0.0.0/8"),
        ("255.255.255.255/0", "0.0.0.0/0"),
        ("255.255.255.255/1", "128.0.0.0/1"),
        ("10.0.0.1/32", "10.0.0.1/32"),
        ("10.0.0.1/031", "10.0.0.0/31"),
        ("fd00::1/8", "fd00::/8"),
        ("FD00:0:0:1::/64", "fd00:0:0:1::/64"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/0", "::/0"),
        ("2001:db8::1/128", "2001:db8::1/128"),
        ("2001:db8::3/127", "2001:db8::2/127"),
        ("::ffff:10.1.2.3/104", "::ffff:10.0.0.0/104"),
    ])
    func clearsHostBits(text: String, canonical: String) throws {
        let range = try CIDR(parsing: text)
        #expect(range.description == canonical)
        #expect(try CIDR(parsing: canonical) == range)
    }

    @Test(arguments: [
        (
            "webapp/24",
            "\"webapp/24\" is not a range of IP addresses; "
                + "write one such as \"192.168.1.0/24\" or \"fd00::/8\""
        ),
        (
            "10.0.0.1",
            "\"10.0.0.1\" has no prefix length; write \"10.0.0.1/32\" for this one address"
        ),
        (
            "FD00::1",
            "\"FD00::1\" has no prefix length; write \"fd00::1/128\" for this one address"
        ),
        (
            "10.0.0.0/33",
            "\"10.0.0.0/33\" has a prefix length that is not a number from 0 to 32; "
                + "write \"10.0.0.0/24\", for instance"
        ),
        (
            "fd00::/129",
            "\"fd00::/129\" has a prefix length that is not a number from 0 to 128; "
                + "write \"fd00::/64\", for instance"
        ),
    ])
    func saysWhatIsMissing(text: String, message: String) {
        #expect(throws: ValueError(message)) { try CIDR(parsing: text) }
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0/8",
        "10.0.0.0/255.0.0.0", " 10.0.0.0/8", "10.0.0.0 /8", "fe80::1%eth0/64", "010.0.0.0/8",
    ])
    func refusesWhatGoRefuses(text: String) {
        #expect(throws: ValueError.self) { try CIDR(parsing: text) }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0", true),
        ("10.0.0.0/8", "10.255.255.255", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false),
        ("0.0.0.0/0", "255.255.255.255", true),
        ("0.0.0.0/0", "::1", false),
        ("::/0", "1.2.3.4", false),
        ("::/0", "ffff::", true),
        ("fd00::/127", "fd00::1", true),
        ("fd00::/127", "fd00::2", false),
        ("10.0.0.7/32", "10.0.0.7", true),
        ("10.0.0.7/32", "10.0.0.6", false),
    ])
    func containsItsEndsAndNoNeighbour(range: String, address: String, isInside: Bool) throws {
        let address = try IPAddress(parsing: address)
        #expect(try CIDR(parsing: range).contains(address) == isInside)
    }

    @Test func containsItsOwnNetworkAtEveryPrefixLength() throws {
        for (address, width) in [("172.16.254.3", 32), ("2001:db8:a:b:c:d:e:f", 128)] {
            let written = try IPAddress(parsing: address)
            for length in 0...width {
                let range = try CIDR(parsing: "\(address)/\(length)")
                #expect(range.prefixLength == length)
                #expect(range.contains(written))
                #expect(range.contains(range.network))
            }
        }
    }
}

@Suite("CIDR list")
struct CIDRListTests {
    @Test(arguments: [
        ("", ""),
        ("10.0.0.1/8", "10.0.0.0/8"),
        (" 192.168.0.0/16 , 10.0.0.0/8, ", "192.168.0.0/16,10.0.0.0/8"),
        ("10.0.0.0/8,10.0.0.0/8", "10.0.0.0/8,10.0.0.0/8"),
        ("fd00::/8,10.0.0.0/8\n", "fd00::/8,10.0.0.0/8"),
    ])
    func keepsOrderAndRepeats(text: String, canonical: String) throws {
        let list = try CIDRList(parsing: text)
        #expect(list.description == canonical)
        #expect(try CIDRList(parsing: canonical) == list)
    }

    @Test func quotesTheItemAtFaultAlone() {
        let message = refusal { () throws(ValueError) in
            try CIDRList(parsing: "10.0.0.0/8, 10.0.0.1")
        }
        #expect(message?.hasPrefix("\"10.0.0.1\" has no prefix length") == true)
    }
}
