// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Port number")
struct PortNumberTests {
    @Test(
        arguments: [("1", 1), ("4143", 4143), ("04143", 4143), ("65535", 65535)]
            as [(String, UInt16)]
    )
    func readsPortsThatCanListen(text: String, value: UInt16) throws {
        let port = try PortNumber(parsing: text)
        #expect(port.value == value)
        #expect(port.description == "\(value)")
    }

    @Test(arguments: ["", "0", "00", "65536", "-1", "+80", "80 ", "http", "80-81", "0x50", "8e1"])
    func refusesWhatNothingCanListenOn(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a port; write a number from 1 to 65535, such as \"4143\""
            )
        ) {
            try PortNumber(parsing: text)
        }
    }
}
