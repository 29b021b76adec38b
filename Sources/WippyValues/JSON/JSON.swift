/// Reads JSON text as a ``Value``, and writes values as JSON text.
///
/// Reading follows RFC 8259. It also refuses invalid UTF-8, half of a surrogate pair, a repeated key, too deep nesting,
/// and numbers too large for a float. Whole numbers from -2^63 to 2^64 - 1 are exact. Other whole numbers become the
/// nearest float. A number with a point or an exponent is a float. `-0` is the whole number 0, and `-0.0` is a float.
///
/// Writing sorts keys by their bytes, and escapes only the characters that JSON requires to be escaped. A float between
/// -2^53 and 2^53 without a fraction is written as a whole number: `3.0` becomes `3`. Negative zero stays `-0.0`. Any
/// other finite float is written so that reading gives the same float. Infinities and not-a-number become `null`. Bytes
/// become Base64 text.
public enum JSON {
    /// The largest depth of nested lists and maps by default, for reading and writing: 128.
    public static let maxNesting = 128

    /// The largest depth that you can choose.
    ///
    /// Each level takes some of the thread's stack, which can be small.
    static let nestingLimit = 512

    /// Reads one value from UTF-8 text.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - maxNesting: the largest depth of nested lists and maps, from 0 to 512. A number outside the range counts
    ///     as the nearest allowed number. Default: 128.
    /// - Throws: `JSONError` with the broken rule and its place.
    public static func decode(
        _ bytes: Span<UInt8>, maxNesting: Int = JSON.maxNesting
    ) throws(JSONError) -> Value {
        var reader = JSONReader(ValueBuilder(), maxNesting: maxNesting)
        return try reader.read(bytes)
    }

    /// Reads one value from UTF-8 text, as ``decode(_:maxNesting:)-(Span<UInt8>,_)`` does.
    ///
    /// - Throws: `JSONError` with the broken rule and its place.
    public static func decode(_ bytes: [UInt8], maxNesting: Int = JSON.maxNesting) throws(JSONError) -> Value {
        try decode(bytes.span, maxNesting: maxNesting)
    }

    /// Reads one value from text, as ``decode(_:maxNesting:)-(Span<UInt8>,_)`` does.
    ///
    /// - Throws: `JSONError` with the broken rule and its place.
    public static func decode(_ text: String, maxNesting: Int = JSON.maxNesting) throws(JSONError) -> Value {
        try decode(text.utf8Span.span, maxNesting: maxNesting)
    }

    /// Appends a value to `bytes` as UTF-8 text.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - bytes: the array to which the text is appended.
    ///   - maxNesting: the largest depth of nested lists and maps, from 0 to 512. A number outside the range counts
    ///     as the nearest allowed number. Default: 128.
    /// - Throws: `JSONError` if lists and maps nest deeper than `maxNesting`. Then `bytes` is unchanged.
    public static func encode(
        _ value: Value, into bytes: inout [UInt8], maxNesting: Int = JSON.maxNesting
    ) throws(JSONError) {
        let start = bytes.count
        let maxNesting = min(max(maxNesting, 0), JSON.nestingLimit)
        var writer = JSONWriter(appendingTo: exchange(&bytes, with: []))
        let isWritten = writer.write(value, nestingLeft: maxNesting)
        bytes = writer.finish()
        guard isWritten else {
            bytes.removeSubrange(start...)
            throw JSONError("lists and maps are nested deeper than \(maxNesting)", place: nil)
        }
    }

    /// Returns a value as JSON text in UTF-8.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - maxNesting: the largest depth of nested lists and maps, from 0 to 512. A number outside the range counts
    ///     as the nearest allowed number. Default: 128.
    /// - Throws: `JSONError` if lists and maps nest deeper than `maxNesting`.
    public static func encode(_ value: Value, maxNesting: Int = JSON.maxNesting) throws(JSONError) -> [UInt8] {
        var bytes: [UInt8] = []
        // Most texts are shorter, so they take memory once.
        bytes.reserveCapacity(256)
        try encode(value, into: &bytes, maxNesting: maxNesting)
        return bytes
    }
}
