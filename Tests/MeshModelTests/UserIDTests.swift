// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("User ID")
struct UserIDTests {
    @Test(
        arguments: [
            ("1", 1), ("2102", 2102), ("02102", 2102), ("2147483647", 2_147_483_647),
        ] as [(String, Int64)]
    )
    func readsUpToTheKubernetesBound(text: String, value: Int64) throws {
        let user = try UserID(parsing: text)
        #expect(user.value == value)
        #expect(user.description == "\(value)")
    }

    @Test(arguments: [
        "", "-1", "+1", "root", "2147483648", "99999999999999999999", "1.0", " 1", "0x10",
    ])
    func refusesWhatIsNoUser(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a user number; "
                    + "write a number from 1 to 2147483647, such as \"2102\""
            )
        ) {
            try UserID(parsing: text)
        }
    }

    @Test(arguments: ["0", "000"])
    func refusesRootByName(text: String) {
        #expect(
            throws: ValueError(
                "the proxy cannot run as user 0 (root); "
                    + "write a number from 1 to 2147483647, such as \"2102\""
            )
        ) {
            try UserID(parsing: text)
        }
    }
}

@Suite("Group ID")
struct GroupIDTests {
    @Test(
        arguments: [
            ("-1", nil, "-1"), ("0", 0, "0"), ("007", 7, "7"),
            ("2147483647", 2_147_483_647, "2147483647"),
        ] as [(String, Int64?, String)]
    )
    func readsGroupsAndMinusOne(text: String, value: Int64?, canonical: String) throws {
        let group = try GroupID(parsing: text)
        #expect(group.value == value)
        #expect(group.description == canonical)
        #expect(try GroupID(parsing: canonical) == group)
    }

    @Test(arguments: ["", "-0", "-2", "-01", "+1", "wheel", "2147483648", "- 1"])
    func refusesWhatIsNoGroup(text: String) {
        #expect(
            throws: ValueError(
                "\"\(text)\" is not a group number; write a number from 0 to "
                    + "2147483647, such as \"2102\", or \"-1\" to set none"
            )
        ) {
            try GroupID(parsing: text)
        }
    }
}
