import WippyText

/// A regular expression in a part of Go's syntax (RE2).
///
/// It finds a match in linear time.
///
/// It has no references to groups and no lookaround, so no pattern takes exponential time. A pattern matches Unicode
/// scalars. A byte that is not UTF-8 counts as U+FFFD.
public struct RegularExpression: Sendable {
    /// The pattern.
    public let pattern: String
    /// The names of the groups, beginning with the whole match.
    ///
    /// A group without a name has an empty name.
    public let groupNames: [String]
    private let program: [Instruction]

    /// The error for a pattern that is not valid.
    public struct SyntaxError: Error {
        /// The problem in a few words.
        public let problem: String
    }

    /// One instruction of a compiled pattern.
    enum Instruction: Sendable {
        case character(CharacterSet)
        /// Continue at both places.
        ///
        /// The first place is preferred.
        case split(Int, Int)
        case jump(Int)
        /// Record the beginning or the end of a group.
        case save(Int)
        case require(Assertion)
        case match
    }

    /// A condition at a place between characters.
    enum Assertion: Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    /// A set of scalars, as ranges.
    struct CharacterSet: Sendable {
        var ranges: [ClosedRange<UInt32>] = []
        var isInverted = false

        func contains(_ scalar: UInt32) -> Bool {
            ranges.contains { $0.contains(scalar) } != isInverted
        }
    }

    /// Compiles a pattern.
    ///
    /// - Throws: `SyntaxError` when the pattern is not valid, or when it uses a part of the syntax that is not
    ///   supported, such as Unicode classes.
    public init(_ pattern: String) throws(SyntaxError) {
        var parser = RegularExpressionParser(pattern)
        let node = try parser.parse()
        var compiler = RegularExpressionCompiler()
        try compiler.compile(.group(node, index: 0))
        self.pattern = pattern
        groupNames = parser.groupNames
        program = compiler.program + [.match]
    }

    /// The approximate number of bytes of memory that the expression takes.
    public var size: Int { pattern.utf8.count + program.count * 32 }

    /// Returns the first match; nil if there is none.
    ///
    /// A match has two places in bytes for the whole match, and then for each group: the beginning and the end. For a
    /// group that has no match, both are -1.
    ///
    /// - Parameters:
    ///   - text: the text, in UTF-8.
    ///   - start: the place between characters at which the search begins, in bytes. Default: 0.
    ///   - mustStop: returns true if the search must stop. A long search calls it again and again. When it returns
    ///     true, the search ends without a match. Default: the search does not stop.
    public func firstMatch(
        in text: Span<UInt8>, from start: Int = 0, mustStop: () -> Bool = { false }
    ) -> [Int]? {
        var search = Search(program: program, saves: 2 * groupNames.count)
        return search.run(text, from: start, mustStop)
    }

    /// Returns all matches that do not overlap.
    ///
    /// An empty match right after another match is left out.
    ///
    /// - Parameters:
    ///   - text: the text, in UTF-8.
    ///   - limit: the largest number of matches; a negative number means all. Default: all.
    ///   - mustStop: returns true if the search must stop. A long search calls it again and again. Default: the search
    ///     does not stop.
    /// - Returns: the matches, each in the form of ``firstMatch(in:from:mustStop:)``; nil if the search had to stop.
    public func matches(in text: Span<UInt8>, limit: Int = -1, mustStop: () -> Bool = { false }) -> [[Int]]? {
        var isStopped = false
        func stops() -> Bool {
            isStopped = isStopped || mustStop()
            return isStopped
        }
        var matches: [[Int]] = []
        var (place, end) = (0, -1)
        while limit < 0 || matches.count < limit, place <= text.count,
            let match = firstMatch(in: text, from: place, mustStop: stops)
        {
            let isEmpty = match[1] == match[0]
            if !isEmpty || match[0] != end { matches.append(match) }
            end = match[1]
            place = isEmpty ? end + max(Search.scalar(of: text, at: end).length, 1) : end
            if matches.count & 0xff == 0xff, stops() { break }
        }
        return isStopped ? nil : matches
    }
}

/// A search, which follows all paths through the program at once.
///
/// Preferred paths come first.
private struct Search {
    let program: [RegularExpression.Instruction]
    let saves: Int

    /// One of the paths.
    private struct Thread {
        let place: Int
        var saved: [Int]
    }

    private var marks: [Int]
    private var generation = 0

    init(program: [RegularExpression.Instruction], saves: Int) {
        self.program = program
        self.saves = saves
        marks = [Int](repeating: -1, count: program.count)
    }

    /// The number of steps between two calls of `mustStop`.
    ///
    /// These steps take less than a millisecond.
    private static let stepsBetweenStops = 1 << 11

    static func scalar(of text: Span<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
        guard index < text.count else { return (0, 0) }
        let first = text[index]
        if first < 0x80 { return (UInt32(first), 1) }
        let count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
        guard first >= 0xc2, first < 0xf5, index + count <= text.count else { return (0xfffd, 1) }
        var value = UInt32(first) & (0x7f >> UInt32(count))
        for offset in 1..<count {
            let byte = text[index + offset]
            guard byte & 0xc0 == 0x80 else { return (0xfffd, 1) }
            value = value << 6 | UInt32(byte & 0x3f)
        }
        guard Unicode.Scalar(value) != nil, value >= (count == 4 ? 0x10000 : count == 3 ? 0x800 : 0x80) else {
            return (0xfffd, 1)
        }
        return (value, count)
    }

    mutating func run(_ text: Span<UInt8>, from start: Int, _ mustStop: () -> Bool) -> [Int]? {
        var steps = 0
        var threads: [Thread] = []
        var result: [Int]?
        var index = start
        while true {
            generation += 1
            var next: [Thread] = []
            // A later start is tried only as long as no match has been found.
            let current = threads
            var reached: [Thread] = []
            for thread in current { follow(thread, at: index, in: text, into: &reached) }
            if result == nil {
                follow(Thread(place: 0, saved: [Int](repeating: -1, count: saves)), at: index, in: text, into: &reached)
            }
            if reached.isEmpty && result != nil { return result }
            let (scalar, length) = Self.scalar(of: text, at: index)
            threads: for thread in reached {
                switch program[thread.place] {
                case .match:
                    result = thread.saved
                    break threads
                case .character(let set) where length > 0 && set.contains(scalar):
                    next.append(Thread(place: thread.place + 1, saved: thread.saved))
                default: break
                }
            }
            if length == 0 || next.isEmpty && result != nil { return result }
            threads = next
            index += length
            steps += reached.count + 1
            if steps >= Self.stepsBetweenStops {
                if mustStop() { return nil }
                steps = 0
            }
        }
    }

    /// Follows a path to the instructions that need a character.
    private mutating func follow(_ thread: Thread, at index: Int, in text: Span<UInt8>, into reached: inout [Thread]) {
        var open = [thread]
        while let thread = open.popLast() {
            guard marks[thread.place] != generation else { continue }
            marks[thread.place] = generation
            switch program[thread.place] {
            case .character, .match: reached.append(thread)
            case .jump(let place): open.append(Thread(place: place, saved: thread.saved))
            case .split(let first, let second):
                open.append(Thread(place: second, saved: thread.saved))
                open.append(Thread(place: first, saved: thread.saved))
            case .save(let number):
                var saved = thread.saved
                saved[number] = index
                open.append(Thread(place: thread.place + 1, saved: saved))
            case .require(let assertion):
                if Self.holds(assertion, at: index, in: text) {
                    open.append(Thread(place: thread.place + 1, saved: thread.saved))
                }
            }
        }
    }

    private static func holds(_ assertion: RegularExpression.Assertion, at index: Int, in text: Span<UInt8>) -> Bool {
        func isWord(_ index: Int) -> Bool {
            0..<text.count ~= index && text[index].isWordPart
        }
        return switch assertion {
        case .textStart: index == 0
        case .textEnd: index == text.count
        case .lineStart: index == 0 || text[index - 1] == UInt8(ascii: "\n")
        case .lineEnd: index == text.count || text[index] == UInt8(ascii: "\n")
        case .wordBoundary: isWord(index - 1) != isWord(index)
        case .noWordBoundary: isWord(index - 1) == isWord(index)
        }
    }
}
