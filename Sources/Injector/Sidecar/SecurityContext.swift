// SPDX-License-Identifier: Apache-2.0

internal import ManifestKit

/// The rights of a container of the mesh: none, but for what is named.
///
/// Nothing of the application's own security context is copied.
struct SecurityContext {
    let userID: Int
    var groupID: Int?
    /// Capabilities beyond none.
    var capabilities: [String] = []
    /// Root with all rights, which only the kernel's conntrack settings need.
    var isPrivileged = false

    func node() -> NewNode {
        var rights: [NewEntry] = []
        if !capabilities.isEmpty {
            rights.append(NewEntry("add", .sequence(capabilities.map { .string($0) })))
        }
        rights.append(NewEntry("drop", .sequence([.string("ALL")])))
        var entries = [
            NewEntry("allowPrivilegeEscalation", .boolean(isPrivileged)),
            NewEntry("capabilities", .mapping(rights)),
            NewEntry("privileged", .boolean(isPrivileged)),
            NewEntry("readOnlyRootFilesystem", .boolean(true)),
        ]
        if let groupID { entries.append(NewEntry("runAsGroup", .integer(groupID))) }
        entries += [
            NewEntry("runAsNonRoot", .boolean(userID != 0)),
            NewEntry("runAsUser", .integer(userID)),
            NewEntry("seccompProfile", .mapping([NewEntry("type", .string("RuntimeDefault"))])),
        ]
        return .mapping(entries)
    }
}
