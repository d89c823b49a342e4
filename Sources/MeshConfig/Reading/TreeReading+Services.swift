// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit
internal import MeshModel

/// The `services:` of the standalone file.
extension TreeReading {
    /// LIMIT: a file is for one machine; a mesh with more services has a control plane.
    static let servicesMax = 4096
    /// LIMIT: endpoints of one service, as many as an EndpointSlice of Kubernetes holds.
    static let endpointsMax = 1000
    /// LIMIT: different names of all endpoints; each is asked for again and again.
    static let endpointNamesMax = 1024

    /// Reads `services`: names with their addresses and endpoints.
    mutating func serviceEntries(_ place: Place?, hasIdentity: Bool) -> [ServiceEntry] {
        guard let place, let entries = entries(of: place) else { return [] }
        guard entries.count <= Self.servicesMax else {
            report(
                "\(place.shown) has \(entries.count) names, at most \(Self.servicesMax) are read",
                as: .tooLarge,
                at: place
            )
            return []
        }
        var owners: [SocketAddress: Place] = [:]
        let services = entries.compactMap { entry in
            self.service(entry, of: place, hasIdentity: hasIdentity, &owners)
        }
        let names = Set(services.flatMap(\.endpoints).compactMap(\.address.name))
        if names.count > Self.endpointNamesMax {
            report(
                "\(place.shown) has endpoints of \(names.count) names, "
                    + "at most \(Self.endpointNamesMax) are looked up",
                as: .tooLarge,
                at: place
            )
        }
        return services
    }

    private mutating func service(
        _ entry: MappingEntry,
        of services: Place,
        hasIdentity: Bool,
        _ owners: inout [SocketAddress: Place]
    ) -> ServiceEntry? {
        let name = manifest.text(of: manifest.resolve(entry.key))
        do throws(ValueError) {
            try KubernetesName.validateSubdomain(name)
        } catch {
            report("\(services.shown): \(error.message)", at: entry.key)
        }
        guard let fields = fields(of: services.named(name, entry)) else { return nil }
        let address = value(of: fields["address"]) { (text) throws(ValueError) in
            try Self.peer(text)
        }
        if let address, let place = fields["address"] { claim(address, for: place, &owners) }
        let list = fields["endpoints"].map { endpoints($0, hasIdentity: hasIdentity) }
        return ServiceEntry(name: name, address: address, endpoints: list ?? [])
    }

    private mutating func endpoints(_ place: Place, hasIdentity: Bool) -> [Endpoint] {
        guard let items = items(of: place, atMost: Self.endpointsMax) else { return [] }
        var owners: [EndpointAddress: Place] = [:]
        return items.compactMap { endpoint($0, hasIdentity: hasIdentity, &owners) }
    }

    private mutating func endpoint(
        _ item: Place,
        hasIdentity: Bool,
        _ owners: inout [EndpointAddress: Place]
    ) -> Endpoint? {
        guard let fields = fields(of: item) else { return nil }
        let address = value(of: fields["address"], EndpointAddress.init(parsing:))
        let identity = value(of: fields["identity"], Self.identity)
        if identity != nil, !hasIdentity, let place = fields["identity"] {
            report(
                "\(place.shown): without an identity of its own the proxy cannot check one",
                hint: "add \"identity\" to the file, or remove this one for plain TCP",
                at: place
            )
        }
        guard let address, let place = fields["address"] else { return nil }
        claim(address, for: place, &owners)
        return Endpoint(address: address, identity: identity)
    }

    /// Notes an address that another place has already.
    private mutating func claim<Address: Hashable>(
        _ address: Address,
        for place: Place,
        _ owners: inout [Address: Place]
    ) {
        guard let owner = owners[address] else {
            owners[address] = place
            return
        }
        report(
            "\(place.shown): \(address) is \(owner.shown) already, "
                + "in line \(manifest.position(of: manifest.resolve(owner.node)).line)",
            hint: "remove one of the two",
            at: place
        )
    }
}
