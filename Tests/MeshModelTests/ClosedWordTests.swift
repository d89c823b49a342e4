// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

/// The types whose values are a closed list of words: part of the contract, so spelt out here.
@Suite("Closed words")
struct ClosedWordTests {
    @Test func injectModesAreTheThreeOfTheContract() {
        #expect(InjectMode.allCases.map(\.description) == ["enabled", "disabled", "ingress"])
    }

    @Test func inboundPoliciesAreTheSixOfTheContract() {
        #expect(
            InboundPolicy.allCases.map(\.description) == [
                "all-unauthenticated", "all-authenticated", "cluster-unauthenticated",
                "cluster-authenticated", "deny", "audit",
            ]
        )
    }

    @Test func pullPoliciesAreThoseOfKubernetes() {
        #expect(
            ImagePullPolicy.allCases.map(\.description) == ["Always", "IfNotPresent", "Never"]
        )
    }

    @Test func everyWordReadsAsItself() throws {
        for mode in InjectMode.allCases {
            #expect(try InjectMode(parsing: mode.description) == mode)
        }
        for policy in InboundPolicy.allCases {
            #expect(try InboundPolicy(parsing: policy.description) == policy)
        }
        for policy in ImagePullPolicy.allCases {
            #expect(try ImagePullPolicy(parsing: policy.description) == policy)
        }
    }

    @Test(arguments: [
        (
            "enable",
            "\"enable\" is not one of enabled, disabled or ingress; did you mean \"enabled\"?"
        ),
        (
            "Ingress",
            "\"Ingress\" is not one of enabled, disabled or ingress; did you mean \"ingress\"?"
        ),
        (
            "",
            "\"\" is not one of enabled, disabled or ingress; write \"enabled\", for instance"
        ),
    ])
    func refusesOtherInjectModes(text: String, message: String) {
        #expect(throws: ValueError(message)) { try InjectMode(parsing: text) }
    }

    @Test(arguments: [
        ("all-authentcated", "all-authenticated"),
        ("cluster-unauthenticate", "cluster-unauthenticated"),
        ("DENY", "deny"),
        ("audti", "audit"),
    ])
    func guessesInboundPolicies(text: String, meant: String) {
        let message = refusal { () throws(ValueError) in try InboundPolicy(parsing: text) }
        #expect(message?.hasSuffix("; did you mean \"\(meant)\"?") == true)
    }

    @Test(arguments: ["always", "ifNotPresent", "Never ", "IfNotPresent,Always"])
    func refusesPullPoliciesInAnyOtherCase(text: String) {
        #expect(throws: ValueError.self) { try ImagePullPolicy(parsing: text) }
    }
}
