import WippyText

/// Reads one JSON text and passes its pieces to a builder, by the rules of ``JSON``.
///
/// It is a recursive descent of limited depth. Each step gets the span of the text, because the state itself is only
/// a position.
struct JSONReader<Builder: JSONBuilder> {
    private(set) var builder: Builder
    /// The index of the next byte.
    var position = 0
    /// The number of lists and maps that may still be opened.
    private var nestingLeft: Int
    private let maxNesting: Int
    /// A string with escapes, while it is read.
    ///
    /// The array is kept, so a text allocates it once.
    var unescaped: [UInt8] = []

    /// The broken rule, which becomes a ``JSONError`` when reading ends.
    typealias Failure = JSONFailure

    init(_ builder: Builder, maxNesting: Int) {
        self.builder = builder
        self.maxNesting = min(max(maxNesting, 0), JSON.nestingLimit)
        nestingLeft = self.maxNesting
    }

    /// Reads the whole text.
    mutating func read(_ bytes: Span<UInt8>) throws(JSONError) -> Builder.Built {
        do throws(Failure) {
            return try document(bytes)
        } catch {
            let sentence = error.rule.sentence(maxNesting: maxNesting)
            throw JSONError(sentence, place: JSONError.Place(of: error.offset, in: bytes))
        }
    }

    private mutating func document(_ bytes: Span<UInt8>) throws(Failure) -> Builder.Built {
        skipWhiteSpace(bytes)
        guard position < bytes.count else { throw failure(.empty) }
        let value = try value(bytes)
        skipWhiteSpace(bytes)
        guard position == bytes.count else { throw failure(.textAfterValue) }
        return value
    }

    /// Reads the value that begins at the current position, which is past white space.
    private mutating func value(_ bytes: Span<UInt8>) throws(Failure) -> Builder.Built {
        guard position < bytes.count else { throw failure(.endInValue) }
        let place = try place()
        switch bytes[position] {
        case UInt8(ascii: "\""):
            return builder.string(try string(bytes), at: place)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            let start = position
            let value = try number(bytes)
            return builder.number(value, start..<position, of: bytes, at: place)
        case UInt8(ascii: "{"):
            return try map(bytes, at: place)
        case UInt8(ascii: "["):
            return try list(bytes, at: place)
        case UInt8(ascii: "t"):
            try word("true", bytes)
            return builder.bool(true, at: place)
        case UInt8(ascii: "f"):
            try word("false", bytes)
            return builder.bool(false, at: place)
        case UInt8(ascii: "n"):
            try word("null", bytes)
            return builder.null(at: place)
        default:
            throw failure(.noValue)
        }
    }

    private mutating func list(_ bytes: Span<UInt8>, at place: Builder.Place) throws(Failure) -> Builder.Built {
        try open()
        var elements: [Builder.Built] = []
        skipWhiteSpace(bytes)
        if take(UInt8(ascii: "]"), bytes) {
            nestingLeft += 1
            return builder.list(elements, at: place)
        }
        while true {
            elements.append(try value(bytes))
            skipWhiteSpace(bytes)
            if take(UInt8(ascii: ","), bytes) {
                skipWhiteSpace(bytes)
            } else if take(UInt8(ascii: "]"), bytes) {
                nestingLeft += 1
                return builder.list(elements, at: place)
            } else {
                throw failure(position < bytes.count ? .noCommaInList : .endInValue)
            }
        }
    }

    private mutating func map(_ bytes: Span<UInt8>, at place: Builder.Place) throws(Failure) -> Builder.Built {
        let start = position
        let nestingLeftOutside = nestingLeft
        try open()
        var pairs: [(Builder.Key, Builder.Built)] = []
        skipWhiteSpace(bytes)
        if take(UInt8(ascii: "}"), bytes) {
            nestingLeft += 1
        } else {
            pairs.reserveCapacity(4)
            while true {
                let keyPlace = try self.place()
                let key = builder.key(try key(bytes), at: keyPlace)
                pairs.append((key, try value(bytes)))
                if try !anotherPairFollows(bytes) { break }
            }
            nestingLeft += 1
        }
        guard let map = builder.map(pairs, at: place) else {
            position = start
            nestingLeft = nestingLeftOutside
            throw try repeatedKey(bytes)
        }
        return map
    }

    @inline(__always)
    private mutating func place() throws(Failure) -> Builder.Place {
        guard let place = builder.place(of: position) else { throw failure(.tooMany) }
        return place
    }

    /// Reads a key and its colon, and stops at the beginning of the value.
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

    /// Reads the text after a pair; returns false if it ends the map.
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

    /// Reads a map again to find the place of its repeated key.
    ///
    /// This happens at most once for a text. It would cost more to keep the places of all keys.
    private mutating func repeatedKey(_ bytes: Span<UInt8>) throws(Failure) -> Failure {
        try open()
        var seen: Set<ExactText> = []
        repeat {
            skipWhiteSpace(bytes)
            let start = position
            let key = try key(bytes)
            guard seen.insert(ExactText(key)).inserted else { return Failure(rule: .repeatedKey, offset: start) }
            _ = try value(bytes)
        } while try anotherPairFollows(bytes)
        return failure(.repeatedKey)
    }

    @inline(__always)
    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(Failure) {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length else { throw failure(.noValue) }
        for index in 0..<length {
            guard unsafe bytes[position + index] == word.utf8Start[index] else { throw failure(.noValue) }
        }
        position += length
    }

    /// Steps over the opening bracket of a list or a map, if another one may be opened.
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

    /// A failure at the current position.
    func failure(_ rule: JSONRule) -> Failure {
        Failure(rule: rule, offset: position)
    }
}

/// The rule that a text breaks, with the offset of the byte that breaks it.
struct JSONFailure: Error {
    var rule: JSONRule
    var offset: Int
}
