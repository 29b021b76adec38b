/// Writes JSON text piece by piece to a byte array, without a ``Value``.
///
/// The writer writes the commas. You must follow the rest of the grammar: in a map, write a key before each value,
/// and end every map and list. For many rows with the same keys, use ``JSONKey``.
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
    var bytes: [UInt8]
    private var needsComma = false

    /// Creates a writer that appends to an array.
    ///
    /// - Parameter bytes: the array. If no other variable holds it, nothing is copied. Default: an empty array.
    public init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    /// Ends the text and returns the array.
    public consuming func finish() -> [UInt8] {
        bytes
    }

    /// The number of bytes that the array has now.
    public var count: Int { bytes.count }

    /// Begins a map.
    public mutating func beginMap() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// Ends the innermost map that has not ended.
    public mutating func endMap() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Begins a list.
    public mutating func beginList() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    /// Ends the innermost list that has not ended.
    public mutating func endList() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes the key of the next value.
    public mutating func key(_ key: String) {
        separate()
        quote(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes an escaped key, which is the key of the next value.
    public mutating func key(_ key: JSONKey) {
        separate()
        bytes.append(contentsOf: key.bytes)
        needsComma = false
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        append("null")
        needsComma = true
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
        needsComma = true
    }

    /// Writes a whole number.
    public mutating func integer(_ value: Int) {
        separate()
        appendInteger(value)
        needsComma = true
    }

    /// Writes a whole number of 64 bits without a sign.
    public mutating func integer(_ value: UInt64) {
        separate()
        appendInteger(value)
        needsComma = true
    }

    /// Writes a float by the rules of ``JSON``.
    ///
    /// Infinities and not-a-number become `null`.
    public mutating func float(_ value: Double) {
        separate()
        appendFloat(value)
        needsComma = true
    }

    /// Writes text in quotation marks.
    public mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// Writes text from UTF-8 bytes, in quotation marks.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    public mutating func string(utf8 text: Span<UInt8>) {
        separate()
        quote(utf8: text)
        needsComma = true
    }

    /// Writes bytes as Base64 text with padding.
    public mutating func base64(_ value: Span<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.append(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a value that is already JSON text.
    ///
    /// The text is not checked.
    public mutating func raw(_ json: Span<UInt8>) {
        separate()
        JSONText.append(json, to: &bytes)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func append(_ word: StaticString) {
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
}

extension JSONWriter {
    /// Writes a value.
    ///
    /// - Throws: `JSONError` if lists and maps in the value nest deeper than ``JSON/maxNesting`` levels. The maps and
    ///   lists that you have begun do not count. After the error, the written text is not valid JSON.
    public mutating func value(_ value: Value) throws(JSONError) {
        guard write(value, nestingLeft: JSON.maxNesting) else {
            throw JSONError("lists and maps are nested deeper than \(JSON.maxNesting)", place: nil)
        }
    }

    /// Writes pairs.
    ///
    /// They are borrowed, because an iteration would retain and release each key and value.
    private mutating func write(pairs: Span<(String, Value)>, nestingLeft: Int) -> Bool {
        for index in pairs.indices {
            key(pairs[index].0)
            guard write(pairs[index].1, nestingLeft: nestingLeft) else { return false }
        }
        return true
    }

    /// Writes a value; returns false if it nests too deeply, after it has written a part of it.
    mutating func write(_ value: Value, nestingLeft: Int) -> Bool {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .unsigned(let value): integer(value)
        case .float(let value): float(value)
        case .string(let value): string(value)
        case .bytes(let value): base64(value.span)
        case .list(let elements):
            guard nestingLeft > 0 else { return false }
            beginList()
            let span = elements.span
            for index in span.indices {
                guard write(span[index], nestingLeft: nestingLeft - 1) else { return false }
            }
            endList()
        case .map(let map):
            guard nestingLeft > 0 else { return false }
            beginMap()
            guard write(pairs: map.pairs.span, nestingLeft: nestingLeft - 1) else { return false }
            endMap()
        }
        return true
    }
}

/// An escaped key with its quotation marks and its colon, for rows that repeat the key.
public struct JSONKey: Sendable, Hashable {
    let bytes: [UInt8]

    /// Creates an escaped key from a text.
    public init(_ key: String) {
        var writer = JSONWriter()
        writer.key(key)
        bytes = writer.finish()
    }
}
