/// Reads one JSON text into a ``Value``; the rules are those of ``JSON``.
///
/// Recursive descent with a bounded depth over a span that each step is handed, since the state itself is only a
/// position.
struct JSONReader {
    /// Where the next byte is read.
    var position = 0
    /// How many more lists and maps may be opened.
    private var nestingLeft: Int
    private let nestingMax: Int
    /// Holds a string with escapes while it is put together; kept so that a text allocates it once.
    var unescaped: [UInt8] = []

    /// What was wrong, and at which byte; becomes a ``JSONError`` when the reading ends.
    struct Failure: Error {
        var rule: JSONRule
        var offset: Int
    }

    init(nestingMax: Int) {
        self.nestingMax = min(max(nestingMax, 0), JSON.nestingLimit)
        nestingLeft = self.nestingMax
    }

    /// Reads the whole text.
    static func read(_ bytes: Span<UInt8>, nestingMax: Int) throws(JSONError) -> Value {
        var reader = JSONReader(nestingMax: nestingMax)
        do throws(Failure) {
            return try reader.document(bytes)
        } catch {
            let sentence = error.rule.sentence(nestingMax: reader.nestingMax)
            throw JSONError(sentence, place: JSONError.Place(of: error.offset, in: bytes))
        }
    }

    private mutating func document(_ bytes: Span<UInt8>) throws(Failure) -> Value {
        skipWhiteSpace(bytes)
        guard position < bytes.count else { throw failure(.empty) }
        let value = try value(bytes)
        skipWhiteSpace(bytes)
        guard position == bytes.count else { throw failure(.textAfterValue) }
        return value
    }

    /// Reads the value that begins at the position, which is past white space.
    private mutating func value(_ bytes: Span<UInt8>) throws(Failure) -> Value {
        guard position < bytes.count else { throw failure(.endInValue) }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return .string(try string(bytes))
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            return try number(bytes)
        case UInt8(ascii: "{"):
            return try map(bytes)
        case UInt8(ascii: "["):
            return try list(bytes)
        case UInt8(ascii: "t"):
            return try word("true", .bool(true), bytes)
        case UInt8(ascii: "f"):
            return try word("false", .bool(false), bytes)
        case UInt8(ascii: "n"):
            return try word("null", .null, bytes)
        default:
            throw failure(.noValue)
        }
    }

    private mutating func list(_ bytes: Span<UInt8>) throws(Failure) -> Value {
        try open()
        var elements: [Value] = []
        skipWhiteSpace(bytes)
        if take(UInt8(ascii: "]"), bytes) {
            nestingLeft += 1
            return .list(elements)
        }
        while true {
            elements.append(try value(bytes))
            skipWhiteSpace(bytes)
            if take(UInt8(ascii: ","), bytes) {
                skipWhiteSpace(bytes)
            } else if take(UInt8(ascii: "]"), bytes) {
                nestingLeft += 1
                return .list(elements)
            } else {
                throw failure(position < bytes.count ? .noCommaInList : .endInValue)
            }
        }
    }

    private mutating func map(_ bytes: Span<UInt8>) throws(Failure) -> Value {
        let start = position
        let nestingLeftOutside = nestingLeft
        try open()
        var pairs: [(String, Value)] = []
        skipWhiteSpace(bytes)
        if take(UInt8(ascii: "}"), bytes) {
            nestingLeft += 1
            return .map(ValueMap())
        }
        pairs.reserveCapacity(4)
        while true {
            let key = try key(bytes)
            pairs.append((key, try value(bytes)))
            if try !anotherPairFollows(bytes) { break }
        }
        nestingLeft += 1
        guard let map = ValueMap(unique: pairs) else {
            position = start
            nestingLeft = nestingLeftOutside
            throw try repeatedKey(bytes)
        }
        return .map(map)
    }

    /// Reads a key and its colon, up to the beginning of the value.
    private mutating func key(_ bytes: Span<UInt8>) throws(Failure) -> String {
        guard position < bytes.count else { throw failure(.endInValue) }
        guard bytes[position] == UInt8(ascii: "\"") else { throw failure(.noKey) }
        let key = try string(bytes)
        skipWhiteSpace(bytes)
        guard take(UInt8(ascii: ":"), bytes) else {
            throw failure(position < bytes.count ? .noColon : .endInValue)
        }
        skipWhiteSpace(bytes)
        return key
    }

    /// Reads what stands between two pairs or ends the map.
    private mutating func anotherPairFollows(_ bytes: Span<UInt8>) throws(Failure) -> Bool {
        skipWhiteSpace(bytes)
        if take(UInt8(ascii: ","), bytes) {
            skipWhiteSpace(bytes)
            return true
        }
        guard take(UInt8(ascii: "}"), bytes) else {
            throw failure(position < bytes.count ? .noCommaInMap : .endInValue)
        }
        return false
    }

    /// Reads a map again that is known to repeat a key, to find the place.
    ///
    /// Done at most once for a text, so keeping the places of all keys for this case would cost more.
    private mutating func repeatedKey(_ bytes: Span<UInt8>) throws(Failure) -> Failure {
        try open()
        var seen: Set<Value> = []
        repeat {
            skipWhiteSpace(bytes)
            let start = position
            let key = try key(bytes)
            guard seen.insert(.string(key)).inserted else { return Failure(rule: .repeatedKey, offset: start) }
            _ = try value(bytes)
        } while try anotherPairFollows(bytes)
        return failure(.repeatedKey)
    }

    private mutating func word(_ word: StaticString, _ value: Value, _ bytes: Span<UInt8>) throws(Failure) -> Value {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length else { throw failure(.noValue) }
        for index in 0..<length {
            guard unsafe bytes[position + index] == word.utf8Start[index] else { throw failure(.noValue) }
        }
        position += length
        return value
    }

    /// Steps over the bracket of a list or map, if one more may be opened.
    private mutating func open() throws(Failure) {
        guard nestingLeft > 0 else { throw failure(.tooDeep) }
        nestingLeft -= 1
        position += 1
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    private mutating func skipWhiteSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte <= UInt8(ascii: " ") else { return }
            guard
                byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
                    || byte == UInt8(ascii: "\t")
            else { return }
            position += 1
        }
    }

    /// A failure at the position.
    func failure(_ rule: JSONRule) -> Failure {
        Failure(rule: rule, offset: position)
    }
}
