// SPDX-License-Identifier: Apache-2.0

extension Manifest {
    /// A node as one to be written elsewhere: values and types stay, the spelling does not.
    ///
    /// Recursion is bounded by `Limits.depthMax`. Numbers that are not whole become strings; so
    /// does null, which is empty.
    public func newNode(copying node: NodeID) -> NewNode {
        let node = resolve(node)
        switch kind(of: node) {
        case .mapping:
            return .mapping(
                mergedEntries(of: node).map {
                    NewEntry(text(of: resolve($0.key)), newNode(copying: $0.value))
                }
            )
        case .sequence: return .sequence(items(of: node).map { newNode(copying: $0) })
        case .scalar, .alias:
            switch typedValue(of: node) {
            case .boolean(let flag): return .boolean(flag)
            case .integer(let digits): return Int(digits).map { .integer($0) } ?? .string(digits)
            case .string(let text): return .string(text)
            case .float, .notFinite, .null, .collection: return .string(text(of: node))
            }
        }
    }
}
