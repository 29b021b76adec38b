/// JSON text written piece by piece at the end of a byte array, without a ``Value`` in between.
///
/// The writer puts the commas; the caller keeps the grammar: in a map each value is preceded by its key, what has begun is
/// ended, and keys come in the order in which they should stand (sort them once, by their bytes, when rows repeat them).
///
/// ```swift
/// var writer = JSONWriter(appendingTo: body)
/// writer.beginMap()
/// writer.key("count")
/// writer.integer(rows.count)
/// writer.endMap()
/// body = writer.finish()
/// ```
public struct JSONWriter: ~Copyable {
    private var bytes: [UInt8]
    private var needsComma = false

    /// Takes over an array and appends to it; nothing is copied if the caller gives its only reference away.
    public init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    /// The array with what was written.
    public consuming func finish() -> [UInt8] {
        bytes
    }
}
