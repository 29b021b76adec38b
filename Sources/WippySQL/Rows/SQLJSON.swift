/// The rows of a query as JSON text.
public struct SQLJSON: Sendable, Hashable {
    /// A JSON array in UTF-8 with one object for each row; `[]` without rows.
    ///
    /// The keys are the names of the columns, sorted. A NULL cell has no key. If several columns have the same name,
    /// the last column counts. Bytes become Base64 text.
    public let bytes: [UInt8]

    /// The number of rows.
    public let count: Int

    /// Creates rows from their JSON text and their number.
    public init(bytes: [UInt8], count: Int) {
        self.bytes = bytes
        self.count = count
    }
}
