// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("/env.json")
struct EnvironmentPageTests {
    private let variables = [
        ("HOSTNAME", "web-1"), ("LINKERD2_PROXY_LOG", "warn,\"x\""), ("API_TOKEN", "sesame"),
        ("LINKERD2_PROXY_LOGG", "sesame"), ("HOSTNAME", "second"),
        ("LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS", "-----BEGIN PRIVATE KEY-----\nsesame"),
    ]

    @Test func showsWhatIsKnownToBeNoSecret() {
        #expect(
            EnvironmentPage.json(variables) == """
                {"API_TOKEN":"[redacted]","HOSTNAME":"web-1",\
                "LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS":"[redacted]",\
                "LINKERD2_PROXY_LOG":"warn,\\"x\\"","LINKERD2_PROXY_LOGG":"[redacted]"}

                """
        )
    }

    @Test func showsWhatIsAskedFor() {
        let page = EnvironmentPage.json(variables, only: ["NONE", "HOSTNAME", "API_TOKEN", "\""])
        #expect(
            page == "{\"\\\"\":null,\"API_TOKEN\":\"[redacted]\",\"HOSTNAME\":\"web-1\","
                + "\"NONE\":null}\n"
        )
    }
}
