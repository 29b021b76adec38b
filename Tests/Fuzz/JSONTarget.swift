import WippyRuntime
import WippyValues

extension FuzzTarget {
    /// The JSON codec: any bytes are a value or an error with its place, and what was read is written in one form.
    package static let json = FuzzTarget("json") { bytes throws(Finding) in
        let value: Value
        do throws(JSONError) {
            value = try JSON.decode(bytes)
        } catch {
            return try JSONChecks.check(error, in: bytes)
        }
        try JSONChecks.checkNesting(of: value, in: bytes)
        try JSONChecks.checkNumber(value, in: bytes)
        try JSONChecks.checkWriting(value)
        try JSONChecks.checkSpelling(of: value)
        try JSONChecks.checkDescription(of: value)
    }
}

private enum JSONChecks {
    static func check(_ error: JSONError, in bytes: [UInt8]) throws(Finding) {
        guard let place = error.place else { throw Finding("an error of reading has no place") }
        try require(0...bytes.count ~= place.offset, "an error's place is outside of the text: \(place)")
        let before = bytes[..<place.offset]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        try require(
            place.line == before.count { $0 == UInt8(ascii: "\n") } + 1
                && 1...place.offset - lineStart + 1 ~= place.column,
            "line and column are not those of byte \(place.offset): \(place)")
        try require(error.description.utf8.count < 160, "an error shows some of the text: \(error)")
    }

    /// The bound of nesting is exact, whichever it is.
    static func checkNesting(of value: Value, in bytes: [UInt8]) throws(Finding) {
        let depth = value.depth
        try require(depth <= JSON.maxNesting, "a value nests \(depth) levels deep")
        try require((try? JSON.decode(bytes, maxNesting: depth)) == value, "not read with its own depth as the bound")
        try require((try? JSON.encode(value, maxNesting: depth)) != nil, "not written with its own depth as the bound")
        guard depth > 0 else { return }
        try require((try? JSON.decode(bytes, maxNesting: depth - 1)) == nil, "read deeper than the bound")
        try require((try? JSON.encode(value, maxNesting: depth - 1)) == nil, "written deeper than the bound")
    }

    /// A text that is a number alone means what the standard library says.
    static func checkNumber(_ value: Value, in bytes: [UInt8]) throws(Finding) {
        let text = String(decoding: bytes.filter { !" \t\r\n".utf8.contains($0) }, as: UTF8.self)
        switch value {
        case .integer(let number):
            try require(Int(text) == number, "\(text) was read as \(number)")
        case .unsigned(let number):
            try require(UInt64(text) == number && Int(text) == nil, "\(text) was read as \(number)")
        case .float(let number):
            try require(UInt64(text) == nil && Int(text) == nil || text == "-0", "\(text) was read as a float")
            try require(Double(text)?.bitPattern == number.bitPattern, "\(text) was read as \(number)")
        default: break
        }
    }

    /// The written text reads as the same value, is written the same again, and is what the writer makes.
    static func checkWriting(_ value: Value) throws(Finding) {
        guard let text = try? JSON.encode(value) else { throw Finding("what was read cannot be written") }
        guard let again = try? JSON.decode(text) else { throw Finding("what was written cannot be read") }
        try require(again.isSame(as: value), "what was written reads as something else")
        try require((try? JSON.encode(again)) == text, "what was read again is written otherwise")
        var writer = JSONWriter()
        let isWritten = (try? writer.value(value)) != nil
        let pieces = writer.finish()
        try require(isWritten && pieces == text, "the writer writes it otherwise")
    }

    /// White space, the order of keys and escapes mean nothing.
    static func checkSpelling(of value: Value) throws(Finding) {
        let text = value.spelledOut
        try require((try? JSON.decode(text)) == value, "spelled otherwise, it reads as something else: \(text)")
    }

    static func checkDescription(of value: Value) throws(Finding) {
        let text = value.description
        try require(text.utf8.count < 1024, "a description has \(text.utf8.count) bytes")
        let isLine = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{2028}" && $0 != "\u{85}" }
        try require(isLine, "a description is more than a line")
    }
}

extension Value {
    /// How deep lists and maps stand in each other.
    fileprivate var depth: Int {
        switch self {
        case .list(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .map(let map): 1 + (map.values.map(\.depth).max() ?? 0)
        default: 0
        }
    }

    /// The value as another program might write it: every character escaped, keys backwards, white space in between.
    fileprivate var spelledOut: String {
        switch self {
        case .string(let text): Value.escaped(text)
        case .float(let number): "\(number)"
        case .list(let elements): "[ \(elements.map(\.spelledOut).joined(separator: "\t,\n ")) ]"
        case .map(let map):
            "{ \(map.reversed().map { "\(Value.escaped($0.key)) : \($0.value.spelledOut)" }.joined(separator: ",\r\n")) }"
        default: JSON.text(of: self)
        }
    }

    private static func escaped(_ text: String) -> String {
        let units = text.utf16.map { "\\u" + String(0x1_0000 + UInt32($0), radix: 16).dropFirst() }
        return "\"\(units.joined())\""
    }

    /// Whether this is what another value's text means: a float that was written without a fraction is a whole number.
    fileprivate func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.integer(let mine), .float(let other)):
            Double(exactly: mine) == other && (other != 0 || other.sign == .plus)
        case (.float(let mine), .float(let other)): mine.bitPattern == other.bitPattern
        case (.list(let mine), .list(let other)):
            mine.count == other.count && zip(mine, other).allSatisfy { $0.isSame(as: $1) }
        case (.map(let mine), .map(let other)):
            mine.count == other.count
                && zip(mine, other).allSatisfy {
                    $0.key.utf8.elementsEqual($1.key.utf8) && $0.value.isSame(as: $1.value)
                }
        default: self == other
        }
    }
}
