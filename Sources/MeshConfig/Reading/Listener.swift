// SPDX-License-Identifier: Apache-2.0

internal import MeshModel

/// One of the proxy's listeners, to be held against the others.
struct Listener {
    /// The key that sets it, or what it is where no key does.
    let name: String
    let address: SocketAddress
    /// Where it is written; nil for a default.
    let place: Place?

    /// Whether a second socket cannot be bound, or a connection there would arrive here.
    ///
    /// `0.0.0.0` and `[::]` stand for every address of the machine.
    func isReached(by other: SocketAddress) -> Bool {
        address.port == other.port && address.port != 0
            && (address.ip == other.ip || address.ip.isUnspecified || other.ip.isUnspecified)
    }
}

extension TreeReading {
    /// Notes every written listener whose address another one has.
    mutating func checkListeners() {
        for (index, listener) in listeners.enumerated() {
            for other in listeners[..<index] where other.isReached(by: listener.address) {
                // Of a written one and a default, the written one can be helped.
                guard let place = listener.place ?? other.place else { continue }
                let (wrong, right) = listener.place == nil ? (other, listener) : (listener, other)
                report(
                    "\(wrong.name): \(wrong.address) is taken by \(right.name), \(right.address)",
                    hint: "choose another port",
                    at: place
                )
            }
        }
    }
}
