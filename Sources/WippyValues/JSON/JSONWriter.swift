/// Writes JSON text piece by piece to a byte array, without a ``Value`` in between.
///
/// The writer puts the commas. You keep the grammar: in a map write a key before each value, end what you begin, and
/// write keys in the order that you want. For rows, sort the keys once.
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

    /// Takes over an array and appends to it.
    ///
    /// Nothing is copied if you give away the only reference.
    public init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    /// Ends the writing and returns the array.
    public consuming func finish() -> [UInt8] {
        bytes
    }

    /// How many bytes the array has now.
    public var count: Int { bytes.count }

    /// Begins a map.
    public mutating func beginMap() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// Ends the map that was begun last.
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

    /// Ends the list that was begun last.
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

    /// Writes a key that was escaped before.
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

    /// Writes a whole number without a sign.
    public mutating func integer(_ value: UInt64) {
        separate()
        appendInteger(value)
        needsComma = true
    }

    /// Writes a float by the rules of ``JSON``; infinities and not-a-number are `null`.
    public mutating func float(_ value: Double) {
        separate()
        appendFloat(value)
        needsComma = true
    }

    /// Writes text.
    public mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// Writes text from bytes.
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

    /// Writes a value that is JSON text already.
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
    /// - Throws: if its lists and maps nest deeper than ``JSON/nestingMax``, whatever the depth of the writer. The
    ///   written text is then no JSON.
    public mutating func value(_ value: Value) throws(JSONError) {
        guard write(value, nestingLeft: JSON.nestingMax) else {
            throw JSONError("lists and maps are nested deeper than \(JSON.nestingMax)", place: nil)
        }
    }

    /// Borrows the pairs, where iterating would retain and release each key and value.
    private mutating func write(pairs: Span<(String, Value)>, nestingLeft: Int) -> Bool {
        for index in pairs.indices {
            key(pairs[index].0)
            guard write(pairs[index].1, nestingLeft: nestingLeft) else { return false }
        }
        return true
    }

    /// Writes a value, or part of it and answers false if it is nested too deep.
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

/// A key with its quotes, escapes and colon, made once for rows that repeat it.
public struct JSONKey: Sendable, Hashable {
    let bytes: [UInt8]

    /// Escapes a key.
    public init(_ key: String) {
        var writer = JSONWriter()
        writer.key(key)
        bytes = writer.finish()
    }
}
