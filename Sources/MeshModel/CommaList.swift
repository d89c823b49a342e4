// SPDX-License-Identifier: Apache-2.0

/// The comma-separated form that every list-valued annotation shares.
enum CommaList {
    /// Splits `text` into trimmed items; blank text is an empty list.
    ///
    /// Spaces around items and one comma after the last are forgiven, as Linkerd does
    /// (`GetPortRanges`); any other blank item is an error, because it is usually a lost value.
    static func items(
        of text: String,
        example: String
    ) throws(ValueError) -> [Substring.UTF8View] {
        let comma = UInt8(ascii: ",")
        var items = text[...].utf8.split(separator: comma, omittingEmptySubsequences: false)
            .map { $0.trimmingASCIISpace() }
        if items.last?.isEmpty == true { items.removeLast() }
        guard !items.contains(where: \.isEmpty) else {
            throw ValueError(
                "\(ValueError.quote(text)) has an empty item between commas; "
                    + "write a list such as \"\(example)\""
            )
        }
        return items
    }
}
