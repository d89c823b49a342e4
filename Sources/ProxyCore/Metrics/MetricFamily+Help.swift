// SPDX-License-Identifier: Apache-2.0

extension MetricFamily {
    /// One sentence for people.
    public var help: String {
        switch self {
        case .requests: "Requests that were passed on."
        case .responses: "Responses to them, the proxy's own among them, once they have ended."
        case .responseLatency: "Milliseconds from a request's head to the end of its response."
        case .tcpOpened: "Connections that were accepted (peer=\"src\") or made (peer=\"dst\")."
        case .tcpOpen: "Connections that are open."
        case .tcpRead: "Bytes read from the peer, without what TLS adds."
        case .tcpWritten: "Bytes written to the peer, without what TLS adds."
        case .tcpClosed: "Connections that have ended; errno is empty where nothing was wrong."
        case .inboundHTTPAllowed: "Requests that the inbound policy let in."
        case .inboundHTTPDenied: "Requests that the inbound policy kept out: status 403."
        case .inboundTCPAllowed: "Connections of bytes that the inbound policy let in."
        case .inboundTCPDenied: "Connections of bytes that the inbound policy kept out."
        case .inboundHTTPErrors, .outboundHTTPErrors:
            "Requests that the proxy answered itself, by cause."
        case .inboundTCPErrors, .outboundTCPErrors:
            "Connections that the proxy ended itself, by cause."
        case .transportHeaders: "Connections straight from another proxy, by what they carry."
        case .outboundProtocols: "Connections of the pod, by the protocol that was detected."
        case .inboundDetected, .outboundDetected:
            "Connections whose first bytes were looked at, by what they were."
        case .inboundDetectTime, .outboundDetectTime:
            "Seconds from a connection to what its first bytes were."
        case .inboundRequests: "Requests that were passed on to the application."
        case .inboundStatuses: "Responses to them, once they have ended."
        case .inboundRequestTime: "Seconds from a request's head to the end of its response."
        case .inboundResponseTime: "Seconds from a request's end to the end of its response."
        case .routeRequestTime: "Seconds from a request's head to the end of its response."
        case .routeStatuses: "Responses to the pod's requests, the proxy's own among them."
        case .backendRequests: "Requests that were passed on to a backend."
        case .backendStatuses: "Responses to them, once they have ended."
        case .backendResponseTime: "Seconds from a request's end to the end of its response."
        case .tcpRouteOpened: "The pod's connections of bytes, by where they lead."
        case .tcpRouteClosed:
            "Those of them that have ended; error is empty where nothing was wrong."
        case .certificateExpiry: "When the proxy's certificate expires, in Unix time."
        case .certificateRefreshed: "When the certificate was last loaded, in Unix time."
        case .certificateRefreshes: "Attempts to load the certificate, by result."
        case .certificateInfo:
            "Always 1; its label is the serial number of the certificate in force."
        case .buildInfo: "Always 1; its labels say what runs."
        case .processStart: "When the process started, in Unix time."
        case .processUptime: "Seconds since the process started."
        case .processCPU: "Seconds of processor time, of the process and of the kernel for it."
        case .processVirtual: "Bytes of address space."
        case .processResident: "Bytes of memory that are in use."
        case .processOpenFiles: "Open file descriptors."
        case .processMaxFiles: "File descriptors that may be open."
        case .processThreads: "Threads."
        case .networkReceived: "Bytes that the pod has received, of all its containers."
        case .networkSent: "Bytes that the pod has sent, of all its containers."
        }
    }
}
