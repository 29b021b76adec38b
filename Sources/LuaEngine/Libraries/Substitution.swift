import CWippyLua
import LuaPatterns

/// `gsub`: replaces one match after another, and calls the script for each match if the replacement is a function.
final class Substitution: LuaContinuation {
    // The positions of values: the text at 1, the pattern at 2, the replacement at 3, this object at 4.
    private var next: Int? = 0
    private var copied = 0
    private var count = 0
    private let most: Int
    private var match = 0..<0
    private var result: [UInt8] = []
    private var stepsLeft: Int
    /// The number of steps of the next search.
    ///
    /// After these steps other coroutines run, and the search begins again with more.
    private var searchSteps = Patterns.momentSteps
    private var isPaused = false

    private init(most: Int, steps: Int) {
        self.most = most
        stepsLeft = steps
    }

    static func substitute(_ stack: LuaStack) throws -> LuaVerdict {
        try stack.checkText(at: 1)
        try stack.checkText(at: 2)
        switch stack.type(at: 3) {
        case .number: try stack.checkText(at: 3)
        case .string, .table, .function: break
        default:
            throw LuaRaise.argument(3, expected: "string/function/table", got: stack.typeName(at: 3))
        }
        let most = try stack.checkInteger(at: 4, default: -1)
        stack.setCount(3)
        let length = stack.length(at: 1)
        let substitution = Substitution(most: most <= 0 ? .max : most, steps: 2 * Patterns.steps(for: 2 * length))
        stack.push(substitution)
        return try substitution.goOn(stack)
    }

    override func proceed(_ stack: LuaStack, at position: Int) throws -> LuaVerdict {
        if isPaused {
            isPaused = false
        } else {
            stack.setCount(5)
            try append(valueAt: 5, on: stack)
            stack.setCount(4)
        }
        return try goOn(stack)
    }

    private func goOn(_ stack: LuaStack) throws -> LuaVerdict {
        let verdict: LuaVerdict? = try Patterns.withTextAndPattern(stack) { text, pattern in
            var matcher = LuaMatcher(maxSteps: 0)
            while count < most, let start = next {
                let steps = min(searchSteps, stepsLeft)
                matcher.stepsLeft = steps
                let found: Range<Int>?
                do {
                    found = try matcher.firstMatch(of: pattern, in: text, from: start)
                } catch LuaPatternError.tooManySteps where steps < stepsLeft {
                    stepsLeft -= steps
                    searchSteps *= 2
                    guard stack.isOverdue else { continue }
                    isPaused = true
                    return .pause
                }
                stepsLeft -= steps - matcher.stepsLeft
                guard let found else { break }
                count += 1
                match = found
                next = LuaMatcher.start(after: found, of: pattern, in: text)
                text.extracting(copied..<found.lowerBound).withUnsafeBufferPointer { result += $0 }
                copied = found.upperBound
                switch stack.type(at: 3) {
                case .string:
                    _ = try stack.withSpan(at: 3) { replacement in
                        try matcher.forEachPiece(of: replacement) { piece in
                            switch piece {
                            case .literal(let range):
                                replacement.extracting(range).withUnsafeBufferPointer { result += $0 }
                            case .text(let range): text.extracting(range).withUnsafeBufferPointer { result += $0 }
                            case .position(let offset): result += String(offset + 1).utf8
                            }
                        }
                    }
                case .table:
                    try Patterns.push(try matcher.capture(0), of: text, on: stack)
                    lua_rawget(stack.lua, Int32(stack.fields(at: 3).index))
                    try append(valueAt: stack.count, on: stack)
                    stack.setCount(4)
                default:
                    stack.pushCopy(of: 3)
                    return .call(arguments: try Patterns.pushCaptures(of: matcher, in: text, on: stack))
                }
                guard result.count <= stack.state.roomForText else { throw LuaRaise("not enough memory") }
                if stack.isOverdue {
                    isPaused = true
                    return .pause
                }
            }
            text.extracting(copied..<text.count).withUnsafeBufferPointer { result += $0 }
            return nil
        }
        if let verdict { return verdict }
        stack.push(result)
        stack.push(count)
        return .results(2)
    }

    /// Appends the replacement that a function or a table gives for the match.
    ///
    /// If it is nil or false, the match stays. If it is another value that is not a text, the match is removed.
    private func append(valueAt index: Int, on stack: LuaStack) throws {
        switch stack.type(at: index) {
        case .string: _ = stack.withBytes(at: index) { result += $0 }
        case .number:
            stack.pushText(at: index)
            _ = stack.withBytes(at: -1) { result += $0 }
            stack.pop()
        case .nil, .none: keepMatch(stack)
        case .boolean where !stack.isTrue(at: index): keepMatch(stack)
        default: break
        }
        guard result.count <= stack.state.roomForText else { throw LuaRaise("not enough memory") }
    }

    private func keepMatch(_ stack: LuaStack) {
        _ = stack.withBytes(at: 1) { result += UnsafeBufferPointer(rebasing: $0[match]) }
    }
}
