// SPDX-License-Identifier: Apache-2.0

import MeshModel
import Testing

@Suite("Annotation type")
struct AnnotationTypeTests {
    struct Sample: Sendable {
        let type: AnnotationType
        let text: String
        let canonical: String

        init(_ type: AnnotationType, _ text: String, _ canonical: String) {
            self.type = type
            self.text = text
            self.canonical = canonical
        }
    }

    static let samples: [Sample] = [
        Sample(.word(["plain", "json"]), "json", "json"),
        Sample(.boolean, "T", "true"),
        Sample(.duration, "1000ms", "1s"),
        Sample(.duration, "-0s", "0s"),
        Sample(.quantity, "0.1", "100m"),
        Sample(.quantity, "-0", "0"),
        Sample(.port, "04143", "4143"),
        Sample(.portList(allowsNames: false), "80, 25", "25,80"),
        Sample(.portList(allowsNames: true), "web,80", "80,web"),
        Sample(.cidrList, "10.0.0.1/8", "10.0.0.0/8"),
        Sample(.userID, "02102", "2102"),
        Sample(.groupID, "-1", "-1"),
        Sample(.coreRatio, ".50", "0.5"),
        Sample(.wholeNumber, "007", "7"),
        Sample(.wholeNumber, "18446744073709551615", "18446744073709551615"),
        Sample(.logFilter, "WARN,", "warn"),
        Sample(.image, "ghcr.io/a/b:v1", "ghcr.io/a/b:v1"),
        Sample(.imageVersion, "v1", "v1"),
        Sample(.environmentList, "[ ]", "[ ]"),
        Sample(.retryBudget, "{ }", "{ }"),
    ]

    @Test(arguments: samples)
    func givesEqualValuesTheSameText(sample: Sample) throws {
        #expect(try sample.type.canonical(sample.text) == sample.canonical)
        #expect(try sample.type.canonical(sample.canonical) == sample.canonical)
    }

    @Test(
        arguments: [
            (.word(["plain", "json"]), "Json"), (.boolean, "yes"), (.duration, "6000"),
            (.quantity, "64MB"), (.port, "0"), (.portList(allowsNames: false), "web"),
            (.portList(allowsNames: true), "Web"), (.cidrList, "10.0.0.1"), (.userID, "0"),
            (.groupID, "-2"), (.coreRatio, "1"), (.logFilter, "warn, info"), (.image, "A"),
            (.imageVersion, ""),
        ] as [(AnnotationType, String)]
    )
    func refusesValuesOfOtherTypes(type: AnnotationType, text: String) {
        #expect(throws: ValueError.self) { try type.canonical(text) }
    }

    @Test(
        arguments: [
            (.duration, "-1ns", "\"-1ns\" is negative; write \"0s\" or more"),
            (.quantity, "-1m", "\"-1m\" is negative; write \"0\" or more"),
            (
                .wholeNumber, "-1",
                "\"-1\" is not a whole number; write \"0\" or more, such as \"5\""
            ),
            (
                .wholeNumber, "5s",
                "\"5s\" is not a whole number; write \"0\" or more, such as \"5\""
            ),
            (
                .wholeNumber, "18446744073709551616",
                "\"18446744073709551616\" is not a whole number; write \"0\" or more, such as \"5\""
            ),
        ] as [(AnnotationType, String, String)]
    )
    func refusesLessThanNothing(type: AnnotationType, text: String, message: String) {
        #expect(throws: ValueError(message)) { try type.canonical(text) }
    }
}
