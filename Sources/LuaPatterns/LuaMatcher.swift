import WippyText

/// Matches Lua's patterns over bytes, for `find`, `match`, `gmatch` and `gsub`.
///
/// A pattern is read while it is matched, as in Lua 5.4. So the matcher finds an error in the pattern only when it
/// reaches the wrong part. Unlike Lua's own matcher, it counts its steps and throws ``LuaPatternError/tooManySteps`` at
/// a limit.
///
/// ```swift
/// var matcher = LuaMatcher(maxSteps: 5_000_000)
/// guard let match = try matcher.firstMatch(of: pattern, in: text, from: 0) else { return nil }
/// for index in 0..<matcher.captureCount {
///     switch try matcher.capture(index) {
///     case .text(let range): text.extracting(range)
///     case .position(let offset): offset + 1  // Lua counts from one.
///     }
/// }
/// ```
///
/// All offsets count bytes from zero. You can use a matcher for any number of matches, one after another. All of them
/// share the same limit of steps; see ``stepsLeft``.
public struct LuaMatcher: ~Copyable {
    /// The part of the text that parentheses in the pattern have matched.
    public enum Capture: Equatable, Sendable {
        /// The matched bytes, as a range of the text.
        case text(Range<Int>)

        /// The position that `()` has matched, as an offset from zero.
        case position(Int)
    }

    /// The largest number of captures in a pattern: 32.
    public static let maxCaptures = 32

    /// The largest depth of nested alternatives.
    static let maxDepth = 200

    /// The number of steps that are left.
    ///
    /// A match that needs more steps throws ``LuaPatternError/tooManySteps``. You can set the number again.
    public var stepsLeft: Int

    /// The number of captures of the last match; 0 if the pattern has no parentheses.
    public private(set) var captureCount = 0

    private var captures = InlineArray<32, Mark>(repeating: Mark(start: 0, length: 0))
    private var depthLeft = LuaMatcher.maxDepth
    private(set) var lastMatch = 0..<0

    /// Creates a matcher.
    ///
    /// - Parameter maxSteps: the largest number of steps for all matches together.
    public init(maxSteps: Int) {
        stepsLeft = maxSteps
    }

    /// Converts the position at which a script's search begins into an offset from zero.
    ///
    /// - Parameters:
    ///   - position: the third argument of Lua's `find` and `match`, counted from one. A negative number counts from
    ///     the end.
    ///   - count: the length of the text in bytes.
    /// - Returns: nil if the offset is past the end of the text.
    public static func offset(of position: Int, in count: Int) -> Int? {
        if position > 0 { return position - 1 <= count ? position - 1 : nil }
        if position == 0 || position < -count { return 0 }
        return count + position
    }

    /// Returns the range of the first match that begins at an offset or after it; nil if there is no match.
    ///
    /// A pattern that begins with `^` matches only at that offset.
    ///
    /// - Parameters:
    ///   - pattern: the Lua pattern.
    ///   - text: the text to search.
    ///   - start: the offset at which the search begins, at most the text's length. Default: 0.
    /// - Throws: ``LuaPatternError`` if the pattern is not valid or too complex, or if too few steps are left.
    public mutating func firstMatch(
        of pattern: Span<UInt8>, in text: Span<UInt8>, from start: Int = 0
    ) throws(LuaPatternError) -> Range<Int>? {
        let isAnchored = pattern.isAnchored
        let first = try isAnchored ? nil : pattern.firstItem
        var offset = start
        while offset <= text.count {
            if let first {
                while offset < text.count, try !isSingle(text, offset, pattern, first.lowerBound, first.upperBound) {
                    try countStep()
                    offset += 1
                }
                if offset == text.count { return nil }
            }
            if let end = try match(of: pattern, in: text, at: offset) { return offset..<end }
            if isAnchored { return nil }
            offset += 1
        }
        return nil
    }

    /// Returns the offset at which `gmatch` and `gsub` search for the next match; nil if no further match is
    /// possible.
    ///
    /// An empty match directly after another match counts, as in wippy's Lua and Lua 5.1:
    /// `("hello world"):gsub("%w*", "x")` is `xx xx`. A pattern that begins with `^` matches at most once.
    public static func start(after match: Range<Int>, of pattern: Span<UInt8>, in text: Span<UInt8>) -> Int? {
        let start = match.isEmpty ? match.upperBound + 1 : match.upperBound
        return pattern.isAnchored || start > text.count ? nil : start
    }

    /// Returns the end of a match that begins at an offset; nil if there is no match at this offset.
    ///
    /// A `^` at the beginning of the pattern is ignored.
    ///
    /// - Throws: ``LuaPatternError`` if the pattern is not valid or too complex, or if too few steps are left.
    public mutating func match(
        of pattern: Span<UInt8>, in text: Span<UInt8>, at offset: Int
    ) throws(LuaPatternError) -> Int? {
        captureCount = 0
        depthLeft = Self.maxDepth
        guard let end = try match(text, offset, pattern, pattern.isAnchored ? 1 : 0) else { return nil }
        lastMatch = offset..<end
        return end
    }

    /// Returns a capture of the last match.
    ///
    /// - Parameter index: the capture's index, from zero. If the pattern has no captures, index 0 is the whole match.
    /// - Throws: ``LuaPatternError`` if there is no such capture, or if the capture was not closed.
    public func capture(_ index: Int) throws(LuaPatternError) -> Capture {
        guard (0..<captureCount).contains(index) else {
            guard index == 0 else { throw .noCapture(index &+ 1) }
            return .text(lastMatch)
        }
        let mark = captures[index]
        switch mark.length {
        case Mark.open: throw .unfinishedCapture
        case Mark.position: return .position(mark.start)
        default: return .text(mark.start..<mark.start + mark.length)
        }
    }

    /// Returns the range of the first occurrence of `part` that begins at `start` or after it; nil if there is none.
    ///
    /// This is Lua's `find` with `plain`. The default of `start` is 0.
    ///
    /// - Throws: ``LuaPatternError/tooManySteps`` if too few steps are left.
    public mutating func firstOccurrence(
        of part: Span<UInt8>, in text: Span<UInt8>, from start: Int = 0
    ) throws(LuaPatternError) -> Range<Int>? {
        var offset = start
        while offset + part.count <= text.count {
            var length = 0
            while length < part.count, text[offset + length] == part[length] {
                try countStep()
                length += 1
            }
            if length == part.count { return offset..<offset + length }
            try countStep()
            offset += 1
        }
        return nil
    }

    /// Returns true if a pattern has no special bytes.
    ///
    /// For such a pattern, ``firstOccurrence(of:in:from:)`` finds the same match. As in Lua's `find`, a `)` does not
    /// count as special, although ``firstMatch(of:in:from:)`` refuses it without a `(`.
    public static func isPlain(_ pattern: Span<UInt8>) -> Bool {
        for index in pattern.indices where pattern[index].isMagic { return false }
        return true
    }
}

extension LuaMatcher {
    /// A capture during the match.
    private struct Mark {
        static let open = -1
        static let position = -2

        var start: Int
        var length: Int
    }

    @inline(__always)
    private mutating func countStep() throws(LuaPatternError) {
        stepsLeft -= 1
        if stepsLeft < 0 { throw .tooManySteps }
    }

    /// Matches the rest of the pattern, from `item` on, with the text from `start` on.
    private mutating func match(
        _ text: Span<UInt8>, _ start: Int, _ pattern: Span<UInt8>, _ item: Int
    ) throws(LuaPatternError) -> Int? {
        guard depthLeft > 0 else { throw .tooComplex }
        depthLeft -= 1
        defer { depthLeft += 1 }
        var (offset, item) = (start, item)
        while item < pattern.count {
            try countStep()
            switch pattern[item] {
            case "(":
                let isPosition = pattern.byte(at: item + 1) == ")"
                return try openCapture(text, offset, pattern, isPosition ? item + 2 : item + 1, isPosition)
            case ")":
                return try closeCapture(text, offset, pattern, item + 1)
            case "$" where item + 1 == pattern.count:
                return offset == text.count ? offset : nil
            case "%":
                switch pattern.byte(at: item + 1) {
                case "b":
                    guard let end = try balance(text, offset, pattern, item + 2) else { return nil }
                    (offset, item) = (end, item + 4)
                    continue
                case "f":
                    guard pattern.byte(at: item + 2) == "[" else { throw .frontierWithoutSet }
                    let end = try pattern.endOfItem(at: item + 2)
                    let before: UInt8 = offset == 0 ? 0 : text[offset - 1]
                    let after: UInt8 = offset == text.count ? 0 : text[offset]
                    guard try !isInSet(before, pattern, item + 2, end - 1),
                        try isInSet(after, pattern, item + 2, end - 1)
                    else { return nil }
                    item = end
                    continue
                case let digit where digit.isDigit:
                    guard let end = try repetition(text, offset, of: digit) else { return nil }
                    (offset, item) = (end, item + 2)
                    continue
                default: break
                }
            default: break
            }

            let end = try pattern.endOfItem(at: item)
            let repeats = pattern.byte(at: end)
            switch repeats {
            case "*": return try longest(text, offset, pattern, item, end)
            case "-": return try shortest(text, offset, pattern, item, end)
            case "+":
                guard try isSingle(text, offset, pattern, item, end) else { return nil }
                return try longest(text, offset + 1, pattern, item, end)
            case "?":
                if try isSingle(text, offset, pattern, item, end),
                    let match = try match(text, offset + 1, pattern, end + 1)
                {
                    return match
                }
                item = end + 1
            default:
                guard try isSingle(text, offset, pattern, item, end) else { return nil }
                (offset, item) = (offset + 1, end)
            }
        }
        return offset
    }

    /// Matches an item as often as possible, and then fewer times until the rest matches.
    private mutating func longest(
        _ text: Span<UInt8>, _ start: Int, _ pattern: Span<UInt8>, _ item: Int, _ end: Int
    ) throws(LuaPatternError) -> Int? {
        var offset = start
        while try isSingle(text, offset, pattern, item, end) {
            try countStep()
            offset += 1
        }
        if end + 1 == pattern.count {
            // Lua does the same, because the rest of the pattern is empty and matches anywhere.
            guard depthLeft > 0 else { throw .tooComplex }
            return offset
        }
        while offset >= start {
            if let match = try match(text, offset, pattern, end + 1) { return match }
            offset -= 1
        }
        return nil
    }

    /// Matches an item as few times as possible.
    private mutating func shortest(
        _ text: Span<UInt8>, _ start: Int, _ pattern: Span<UInt8>, _ item: Int, _ end: Int
    ) throws(LuaPatternError) -> Int? {
        var offset = start
        while true {
            if let match = try match(text, offset, pattern, end + 1) { return match }
            guard try isSingle(text, offset, pattern, item, end) else { return nil }
            try countStep()
            offset += 1
        }
    }

    private mutating func openCapture(
        _ text: Span<UInt8>, _ offset: Int, _ pattern: Span<UInt8>, _ item: Int, _ isPosition: Bool
    ) throws(LuaPatternError) -> Int? {
        guard captureCount < Self.maxCaptures else { throw .tooManyCaptures }
        captures[captureCount] = Mark(start: offset, length: isPosition ? Mark.position : Mark.open)
        captureCount += 1
        if let end = try match(text, offset, pattern, item) { return end }
        captureCount -= 1
        return nil
    }

    private mutating func closeCapture(
        _ text: Span<UInt8>, _ offset: Int, _ pattern: Span<UInt8>, _ item: Int
    ) throws(LuaPatternError) -> Int? {
        var index = captureCount - 1
        while index >= 0, captures[index].length != Mark.open { index -= 1 }
        guard index >= 0 else { throw .nothingToClose }
        captures[index].length = offset - captures[index].start
        if let end = try match(text, offset, pattern, item) { return end }
        captures[index].length = Mark.open
        return nil
    }

    /// Matches `%1` to `%9`: the same bytes as a capture.
    private mutating func repetition(
        _ text: Span<UInt8>, _ offset: Int, of digit: UInt8
    ) throws(LuaPatternError) -> Int? {
        let number = Int(digit - UInt8(ascii: "0"))
        guard 1...Self.maxCaptures ~= number, number <= captureCount, captures[number - 1].length != Mark.open else {
            throw .noCapture(number)
        }
        let mark = captures[number - 1]
        guard mark.length >= 0, mark.length <= text.count - offset else { return nil }
        for index in 0..<mark.length {
            try countStep()
            guard text[mark.start + index] == text[offset + index] else { return nil }
        }
        return offset + mark.length
    }

    /// Matches `%bxy`: from an `x` to the `y` that closes it.
    private mutating func balance(
        _ text: Span<UInt8>, _ offset: Int, _ pattern: Span<UInt8>, _ item: Int
    ) throws(LuaPatternError) -> Int? {
        guard item + 1 < pattern.count else { throw .unfinishedBalance }
        guard offset < text.count, text[offset] == pattern[item] else { return nil }
        var open = 1
        for index in offset + 1..<text.count {
            try countStep()
            if text[index] == pattern[item + 1] {
                open -= 1
                if open == 0 { return index + 1 }
            } else if text[index] == pattern[item] {
                open += 1
            }
        }
        return nil
    }

    /// True if a byte of the text matches an item of the pattern.
    @inline(__always)
    private mutating func isSingle(
        _ text: Span<UInt8>, _ offset: Int, _ pattern: Span<UInt8>, _ item: Int, _ end: Int
    ) throws(LuaPatternError) -> Bool {
        guard offset < text.count else { return false }
        let byte = text[offset]
        return switch pattern[item] {
        case ".": true
        case "%": byte.isIn(class: pattern[item + 1])
        case "[": try isInSet(byte, pattern, item, end - 1)
        case let literal: byte == literal
        }
    }

    /// True if a byte is in the set that begins at `item` and whose `]` is at `end`.
    private mutating func isInSet(
        _ byte: UInt8, _ pattern: Span<UInt8>, _ item: Int, _ end: Int
    ) throws(LuaPatternError) -> Bool {
        var index = item + 1
        let isComplement = pattern[index] == "^"
        if isComplement { index += 1 }
        while index < end {
            try countStep()
            if pattern[index] == "%" {
                if byte.isIn(class: pattern[index + 1]) { return !isComplement }
                index += 2
            } else if pattern[index + 1] == "-", index + 2 < end {
                if pattern[index] <= byte, byte <= pattern[index + 2] { return !isComplement }
                index += 3
            } else {
                if pattern[index] == byte { return !isComplement }
                index += 1
            }
        }
        return isComplement
    }
}

extension Span<UInt8> {
    /// True if the pattern begins with `^`.
    fileprivate var isAnchored: Bool { byte(at: 0) == "^" }

    /// The item that the first byte of every match must match; nil if the pattern does not begin with such an item.
    fileprivate var firstItem: Range<Int>? {
        get throws(LuaPatternError) {
            let item = byte(at: 0) == "(" ? 1 : 0
            guard item < count else { return nil }
            switch (self[item], byte(at: item + 1)) {
            case ("(", _), (")", _), ("$", _), ("%", "b"), ("%", "f"): return nil
            case ("%", let digit) where digit.isDigit: return nil
            default: break
            }
            let end = try endOfItem(at: item)
            switch byte(at: end) {
            case "*", "-", "?": return nil
            default: return item..<end
            }
        }
    }

    /// A byte of the pattern; zero past the end, like the byte after a string in C.
    fileprivate func byte(at index: Int) -> UInt8 {
        index < count ? self[index] : 0
    }

    /// The end of the item that begins at an index: a byte, a class, or a set with its `]`.
    fileprivate func endOfItem(at item: Int) throws(LuaPatternError) -> Int {
        switch self[item] {
        case "%":
            guard item + 1 < count else { throw .endsInEscape }
            return item + 2
        case "[":
            var index = item + 1
            if byte(at: index) == "^" { index += 1 }
            repeat {
                guard index < count else { throw .unfinishedSet }
                index += self[index] == "%" && index + 1 < count ? 2 : 1
            } while byte(at: index) != "]"
            return index + 1
        default:
            return item + 1
        }
    }
}
