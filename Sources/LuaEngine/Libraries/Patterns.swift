import CWippyLua
import CWippyLuaShim
import LuaPatterns

/// The functions of `string` that take patterns.
enum Patterns {
    /// The largest number of steps of a search in a text of this many bytes.
    ///
    /// An ordinary search needs far fewer.
    static func steps(for text: Int) -> Int { 1_000_000 + 16 * text }

    /// The largest number of steps that take only a moment.
    static let momentSteps = 1 << 18

    /// Runs a search with a limited number of steps.
    ///
    /// If the search needs more, it begins again with twice the number, up to `most`.
    static func search<Result>(
        _ stack: LuaStack, steps most: Int, _ body: (inout LuaMatcher) throws -> Result
    ) throws -> Result {
        var steps = min(momentSteps, most)
        while true {
            var matcher = LuaMatcher(maxSteps: steps)
            do {
                return try body(&matcher)
            } catch LuaPatternError.tooManySteps where steps < most {
                if stack.mustStop { throw LuaRaise("the search has been stopped") }
                steps = min(2 * steps, most)
            }
        }
    }

    /// Calls `body` with the text at position 1 and the pattern at position 2.
    static func withTextAndPattern<Result>(
        _ stack: LuaStack, _ text: Int = 1, _ pattern: Int = 2,
        _ body: (Span<UInt8>, Span<UInt8>) throws -> Result
    ) throws -> Result {
        try stack.checkText(at: text)
        try stack.checkText(at: pattern)
        let result: Result?? = try stack.withSpan(at: text) { text in
            try stack.withSpan(at: pattern) { pattern in
                do {
                    return try body(text, pattern)
                } catch let error as LuaPatternError {
                    throw LuaRaise(error.description)
                }
            }
        }
        guard case .some(.some(let found)) = result else { throw LuaRaise("string expected") }
        return found
    }

    static func find(_ stack: LuaStack) throws -> LuaVerdict {
        let position = try stack.checkInteger(at: 3, default: 1)
        let isPlain = stack.isTrue(at: 4)
        return try withTextAndPattern(stack) { text, pattern in
            guard let start = LuaMatcher.offset(of: position, in: text.count) else {
                stack.pushNil()
                return .one
            }
            let isLiteral = isPlain || LuaMatcher.isPlain(pattern)
            return try search(stack, steps: steps(for: text.count)) { matcher in
                let found =
                    isLiteral
                    ? try matcher.firstOccurrence(of: pattern, in: text, from: start)
                    : try matcher.firstMatch(of: pattern, in: text, from: start)
                guard let found else {
                    stack.pushNil()
                    return .one
                }
                stack.push(found.lowerBound + 1)
                stack.push(found.upperBound)
                guard !isLiteral else { return .results(2) }
                try stack.reserve(LuaMatcher.maxCaptures + 4)
                for index in 0..<matcher.captureCount { try push(try matcher.capture(index), of: text, on: stack) }
                return .results(2 + matcher.captureCount)
            }
        }
    }

    static func match(_ stack: LuaStack) throws -> LuaVerdict {
        let position = try stack.checkInteger(at: 3, default: 1)
        return try withTextAndPattern(stack) { text, pattern in
            try search(stack, steps: steps(for: text.count)) { matcher in
                guard let start = LuaMatcher.offset(of: position, in: text.count),
                    try matcher.firstMatch(of: pattern, in: text, from: start) != nil
                else {
                    stack.pushNil()
                    return .one
                }
                return .results(try pushCaptures(of: matcher, in: text, on: stack))
            }
        }
    }

    /// Pushes the captures of a match; if it has none, the whole match.
    ///
    /// - Returns: the number of pushed values.
    static func pushCaptures(
        of matcher: borrowing LuaMatcher, in text: Span<UInt8>, on stack: LuaStack
    ) throws -> Int {
        try stack.reserve(LuaMatcher.maxCaptures + 4)
        let count = max(matcher.captureCount, 1)
        for index in 0..<count { try push(try matcher.capture(index), of: text, on: stack) }
        return count
    }

    static func push(_ capture: LuaMatcher.Capture, of text: Span<UInt8>, on stack: LuaStack) throws {
        switch capture {
        case .text(let range): stack.push(text.extracting(range))
        case .position(let offset): stack.push(offset + 1)
        }
    }

    /// The offset that a loop over matches has reached.
    private final class Progress {
        var next: Int? = 0
    }

    private static let progressType = LuaObjectType<Progress>("string.matches")

    static func allMatches(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.checkText(at: 1)
        try stack.checkText(at: 2)
        stack.setCount(2)
        // The iterator is a Lua closure that holds its text, its pattern and its position.
        stack.push(Progress(), as: progressType)
        wippy_lua_push_bound_host(stack.lua, Unmanaged.passUnretained(nextMatch).toOpaque(), 3)
        return .one
    }

    private static let nextMatch = HostFunction("for iterator") { stack in
        stack.setCount(0)
        for number in 0..<3 { wippy_lua_push_bound(stack.lua, Int32(number)) }
        guard let progress = stack.object(at: 3, as: progressType), let start = progress.next else {
            stack.pushNil()
            return .one
        }
        return try withTextAndPattern(stack) { text, pattern in
            try search(stack, steps: steps(for: text.count)) { matcher in
                guard let found = try matcher.firstMatch(of: pattern, in: text, from: start) else {
                    progress.next = nil
                    stack.pushNil()
                    return .one
                }
                progress.next = LuaMatcher.start(after: found, of: pattern, in: text)
                return .results(try pushCaptures(of: matcher, in: text, on: stack))
            }
        }
    }
}
