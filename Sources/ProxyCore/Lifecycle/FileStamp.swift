// SPDX-License-Identifier: Apache-2.0

/// What stat(2) says of a file, links followed: it changes with every way to replace one.
public struct FileStamp: Equatable, Sendable {
    /// Which file it is, for as long as it exists.
    public let inode: UInt64
    /// Its length in bytes.
    public let size: Int
    /// When it was last written to, in Unix time.
    public let seconds: Int
    /// The part of a second of it.
    public let nanos: Int

    /// Makes one of what stat(2) has said.
    public init(inode: UInt64, size: Int, seconds: Int, nanos: Int) {
        self.inode = inode
        self.size = size
        self.seconds = seconds
        self.nanos = nanos
    }
}
