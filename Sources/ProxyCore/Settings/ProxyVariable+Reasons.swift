// SPDX-License-Identifier: Apache-2.0

/// Why variables have no effect yet: what they set is not there.
extension ProxyVariable.State {
    static let awaitsDiscovery = notYet(
        because: "there is no control plane yet; who serves what is in the file, under services"
    )
    static let awaitsPolicies = notYet(
        because: "there is no control plane yet; the default policy decides for all ports"
    )
    static let awaitsIdentity = notYet(
        because: "there is no control plane yet; the certificate is in the file, under identity"
    )
    static let awaitsSPIRE = notYet(
        because: "SPIRE is not asked yet; the certificate is in the file, under identity"
    )
    static let awaitsHTTP2 = notYet(
        because: "HTTP/2 passes unread; the proxy does not speak it yet"
    )
    static let awaitsQueues = notYet(
        because: "there are no queues yet; without an endpoint requests fail at once"
    )
    static let awaitsReconnecting = notYet(
        because: "connections are made when they are needed, and none is made again by itself yet"
    )
    static let awaitsTap = notYet(because: "the proxy cannot be tapped yet")
    static let awaitsTraces = notYet(because: "traces are not exported yet")
    static let withoutLabels = notYet(
        because: "what clients choose is in no label: whoever sends names could fill the memory"
    )
}
