/// Reads JSON text as a ``Value`` and writes it: strict, bounded, and linear in the length of the text.
///
/// Reading follows RFC 8259. Where the RFC leaves a choice, it refuses what could be misread: invalid UTF-8, half a
/// surrogate pair, a repeated key, anything but white space after the value, and numbers past the range of a float.
/// Whole numbers are exact from -2^63 up to 2^64; beyond that they become the nearest float. A number with a point or
/// an exponent is a float. `-0` is the whole number 0, and `-0.0` is a float.
///
/// Writing sorts keys by their bytes and escapes only what JSON requires. A float is written with the fewest digits
/// that read back as the same float. Below 2^53 it has no fraction of zero: `3.0` becomes `3`, but negative zero stays
/// `-0.0`. From 2^53 on it stays a float (`9007199254740992.0`, `1e+16`), because it stands for no single whole number.
/// Infinities and not-a-number become `null`. Bytes become Base64 text.
public enum JSON {
    /// How deep lists and maps may nest by default, for reading and writing.
    public static let nestingMax = 128

    /// The most that `nestingMax` can be: each level takes some of the stack of the thread, which can be small.
    static let nestingLimit = 512

    /// Reads one value from UTF-8 text.
    ///
    /// - Parameters:
    ///   - bytes: the whole text.
    ///   - nestingMax: how deep lists and maps may nest, 0 through 512. Other values count as the nearest of these.
    /// - Throws: the broken rule and its place.
    public static func decode(
        _ bytes: Span<UInt8>, nestingMax: Int = JSON.nestingMax
    ) throws(JSONError) -> Value {
        var reader = JSONReader(ValueBuilder(), nestingMax: nestingMax)
        return try reader.read(bytes)
    }

    /// Reads one value from UTF-8 text, as ``decode(_:nestingMax:)-(Span<UInt8>,_)`` does.
    public static func decode(_ bytes: [UInt8], nestingMax: Int = JSON.nestingMax) throws(JSONError) -> Value {
        try decode(bytes.span, nestingMax: nestingMax)
    }

    /// Reads one value from text, as ``decode(_:nestingMax:)-(Span<UInt8>,_)`` does.
    public static func decode(_ text: String, nestingMax: Int = JSON.nestingMax) throws(JSONError) -> Value {
        try decode(text.utf8Span.span, nestingMax: nestingMax)
    }

    /// Writes a value at the end of `bytes`.
    ///
    /// - Throws: if lists and maps nest deeper than `nestingMax` (0 through 512). `bytes` is then unchanged.
    public static func encode(
        _ value: Value, into bytes: inout [UInt8], nestingMax: Int = JSON.nestingMax
    ) throws(JSONError) {
        let start = bytes.count
        let nestingMax = min(max(nestingMax, 0), JSON.nestingLimit)
        var writer = JSONWriter(appendingTo: exchange(&bytes, with: []))
        let isWritten = writer.write(value, nestingLeft: nestingMax)
        bytes = writer.finish()
        guard isWritten else {
            bytes.removeSubrange(start...)
            throw JSONError("lists and maps are nested deeper than \(nestingMax)", place: nil)
        }
    }

    /// A value as JSON text in UTF-8.
    ///
    /// - Throws: if lists and maps nest deeper than `nestingMax`.
    public static func encode(_ value: Value, nestingMax: Int = JSON.nestingMax) throws(JSONError) -> [UInt8] {
        var bytes: [UInt8] = []
        // Most texts fit, so that most take memory once.
        bytes.reserveCapacity(256)
        try encode(value, into: &bytes, nestingMax: nestingMax)
        return bytes
    }
}
