// SPDX-License-Identifier: Apache-2.0

/// The version of this build of the mesh.
public enum MeshVersion {
    /// What `meshctl --version` prints and images are tagged with.
    public static let current = "0.1.0"
}
