/// Parses a pattern.
struct RegularExpressionParser {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var flags = Flags()
    private(set) var groupNames = [""]

    private struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
        var isUngreedy = false
    }

    typealias Node = RegularExpressionNode
    typealias Problem = RegularExpression.SyntaxError
    private typealias Characters = RegularExpression.CharacterSet

    init(_ pattern: String) {
        scalars = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(Problem) -> Node {
        let node = try parseChoice()
        guard index == scalars.count else { throw Problem(problem: "unexpected )") }
        return node
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func follows(_ text: String) -> Bool { scalars[index...].starts(with: text.unicodeScalars) }

    private mutating func take(_ text: String) -> Bool {
        guard follows(text) else { return false }
        index += text.unicodeScalars.count
        return true
    }

    private mutating func parseChoice() throws(Problem) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 250 else { throw Problem(problem: "expression nests too deeply") }
        var choices: [Node] = [try parseSequence()]
        while take("|") { choices.append(try parseSequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func parseSequence() throws(Problem) -> Node {
        var nodes: [Node] = []
        while let next, next != "|", next != ")" {
            let items = take("\\Q") ? parseQuotation() : try parseItem().map { [$0] } ?? []
            // After a quotation, a repetition repeats its last character.
            guard let last = items.last else { continue }
            nodes += items.dropLast()
            nodes.append(try parseRepetitions(of: last))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    /// Parses the characters of a quotation, after its `\Q`, up to `\E` or to the end of the pattern.
    private mutating func parseQuotation() -> [Node] {
        var nodes: [Node] = []
        while let scalar = next, !take("\\E") {
            nodes.append(.characters(literal(scalar)))
            index += 1
        }
        return nodes
    }

    /// Parses an item.
    ///
    /// Returns nil after flags, which are not items.
    private mutating func parseItem() throws(Problem) -> Node? {
        guard let scalar = next else { return nil }
        index += 1
        switch scalar {
        case "(": return try parseGroup()
        case "[": return .characters(try parseSet())
        case ".":
            let newline = Characters(ranges: flags.dotMatchesNewline ? [] : [0x0a...0x0a], isInverted: true)
            return .characters(newline)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "*", "+", "?": throw Problem(problem: "missing argument to repetition operator: `\(scalar)`")
        case "\\": return try parseEscape()
        default: return .characters(literal(scalar))
        }
    }

    private mutating func parseRepetitions(of node: Node) throws(Problem) -> Node {
        var result = node
        var isRepeated = false
        while let scalar = next {
            let start = index
            let bounds: (Int, Int?)
            switch scalar {
            case "\\" where follows("\\Q\\E"):
                // An empty quotation is nothing.
                index += 4
                continue
            case "*": bounds = (0, nil)
            case "+": bounds = (1, nil)
            case "?": bounds = (0, 1)
            case "{":
                guard let counts = try parseCounts() else { return result }
                bounds = counts
            default: return result
            }
            if scalar != "{" { index += 1 }
            let isLazy = take("?")
            guard !isRepeated else {
                let text = String(String.UnicodeScalarView(scalars[start..<index]))
                throw Problem(problem: "invalid nested repetition operator: `\(text)`")
            }
            isRepeated = true
            result = .repetition(result, least: bounds.0, most: bounds.1, isGreedy: isLazy == flags.isUngreedy)
        }
        return result
    }

    /// Parses `{3}`, `{3,}` or `{3,5}`.
    ///
    /// Returns nil for any other text.
    private mutating func parseCounts() throws(Problem) -> (Int, Int?)? {
        let start = index
        index += 1
        guard let least = parseNumber() else {
            index = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = parseNumber() }
        guard take("}") else {
            index = start
            return nil
        }
        guard least <= 1000, most ?? 0 <= 1000, most.map({ $0 >= least }) ?? true else {
            throw Problem(problem: "invalid repeat count")
        }
        return (least, most)
    }

    private mutating func parseNumber() -> Int? {
        var number: Int?
        while let digit = next.flatMap({ Int(exactly: Int32($0.value) - 48) }), 0...9 ~= digit {
            number = min((number ?? 0) * 10 + digit, 100_000)
            index += 1
        }
        return number
    }

    private mutating func parseGroup() throws(Problem) -> Node? {
        let outer = flags
        var group: Int?
        if take("?P<") || take("?<") {
            var name = ""
            while let scalar = next, scalar != ">" {
                name.unicodeScalars.append(scalar)
                index += 1
            }
            let isWord = name.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic || "0"..."9" ~= $0 }
            guard take(">"), !name.isEmpty, isWord else { throw Problem(problem: "invalid named capture") }
            guard !groupNames.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
                throw Problem(problem: "duplicate capture group name")
            }
            group = groupNames.count
            groupNames.append(name)
        } else if take("?") {
            guard try parseFlags() else { return nil }
        } else {
            group = groupNames.count
            groupNames.append("")
        }
        let node = try parseChoice()
        guard take(")") else { throw Problem(problem: "missing closing )") }
        flags = outer
        return group.map { .group(node, index: $0) } ?? node
    }

    /// Parses `i-s:` or `i)`.
    ///
    /// The flags of `i)` apply to the rest of the pattern.
    ///
    /// - Returns: true if a group follows.
    private mutating func parseFlags() throws(Problem) -> Bool {
        var isOn = true
        while let scalar = next {
            index += 1
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotMatchesNewline = isOn
            case "U": flags.isUngreedy = isOn
            case "-" where isOn: isOn = false
            case ":": return true
            case ")": return false
            default: throw Problem(problem: "invalid or unsupported Perl syntax: `(?\(scalar)`")
            }
        }
        throw Problem(problem: "missing closing )")
    }

    private func literal(_ scalar: Unicode.Scalar) -> RegularExpression.CharacterSet {
        var set = Characters(ranges: [scalar.value...scalar.value])
        if flags.ignoresCase { addCases(of: scalar.value...scalar.value, to: &set) }
        return set
    }

    private func addCases(of range: ClosedRange<UInt32>, to set: inout RegularExpression.CharacterSet) {
        for value in range where range.count <= 1024 {
            guard let properties = Unicode.Scalar(value)?.properties else { continue }
            for text in [properties.lowercaseMapping, properties.uppercaseMapping] {
                if let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 {
                    set.ranges.append(scalar.value...scalar.value)
                }
            }
        }
    }

    private mutating func parseEscape() throws(Problem) -> Node {
        guard let scalar = next else { throw Problem(problem: "trailing backslash at end of expression") }
        switch scalar {
        case "A", "z", "b", "B":
            index += 1
            return .assertion(
                scalar == "A" ? .textStart : scalar == "z" ? .textEnd : scalar == "b" ? .wordBoundary : .noWordBoundary)
        default:
            if let set = try parseClassEscape() { return .characters(set) }
            return .characters(literal(try parseCharacterEscape()))
        }
    }

    /// Parses `\d`, `\w`, `\s`, `\pL` and their opposites.
    private mutating func parseClassEscape() throws(Problem) -> RegularExpression.CharacterSet? {
        guard let scalar = next else { return nil }
        let ranges: [ClosedRange<UInt32>]
        switch scalar {
        case "d", "D": ranges = Self.digits
        case "w", "W": ranges = Self.digits + [0x41...0x5a, 0x5f...0x5f, 0x61...0x7a]
        case "s", "S": ranges = [0x09...0x0a, 0x0c...0x0d, 0x20...0x20]
        case "p", "P": throw Problem(problem: "Unicode classes are not supported: `\\\(scalar)`")
        default: return nil
        }
        index += 1
        return Characters(ranges: ranges, isInverted: scalar.properties.isUppercase)
    }

    private static let digits: [ClosedRange<UInt32>] = [0x30...0x39]

    private mutating func parseCharacterEscape() throws(Problem) -> Unicode.Scalar {
        guard let scalar = next else { throw Problem(problem: "trailing backslash at end of expression") }
        index += 1
        switch scalar {
        case "a": return "\u{7}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{b}"
        case "x":
            let isBraced = take("{")
            var digits = ""
            while let digit = next, digit.properties.isASCIIHexDigit, digits.utf8.count < (isBraced ? 6 : 2) {
                digits.unicodeScalars.append(digit)
                index += 1
            }
            guard !isBraced || take("}"), isBraced || digits.utf8.count == 2,
                let character = UInt32(digits, radix: 16).flatMap({ Unicode.Scalar($0) })
            else { throw Problem(problem: "invalid escape sequence: `\\x`") }
            return character
        case let scalar where scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9" ~= scalar):
            return scalar
        default: throw Problem(problem: "invalid escape sequence: `\\\(scalar)`")
        }
    }

    private mutating func parseSet() throws(Problem) -> RegularExpression.CharacterSet {
        var set = Characters()
        set.isInverted = take("^")
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            if take("[:") {
                set.ranges += try parseNamedClass()
                continue
            }
            if scalar == "\\" {
                index += 1
                if let inner = try parseClassEscape() {
                    set.ranges += inner.isInverted ? Self.complement(of: inner.ranges) : inner.ranges
                    continue
                }
                index -= 1
            }
            let low = try parseSetCharacter()
            var high = low
            if follows("-"), index + 1 < scalars.count, scalars[index + 1] != "]" {
                index += 1
                high = try parseSetCharacter()
            }
            guard low <= high else { throw Problem(problem: "invalid character class range: `\(low)-\(high)`") }
            set.ranges.append(low.value...high.value)
            if flags.ignoresCase { addCases(of: low.value...high.value, to: &set) }
        }
        guard take("]") else { throw Problem(problem: "missing closing ]") }
        return set
    }

    private mutating func parseSetCharacter() throws(Problem) -> Unicode.Scalar {
        guard let scalar = next else { throw Problem(problem: "missing closing ]") }
        index += 1
        return scalar == "\\" ? try parseCharacterEscape() : scalar
    }

    private mutating func parseNamedClass() throws(Problem) -> [ClosedRange<UInt32>] {
        let isInverted = take("^")
        for (name, ranges) in Self.namedClasses where take(name + ":]") {
            return isInverted ? Self.complement(of: ranges) : ranges
        }
        throw Problem(problem: "invalid character class range")
    }

    private static let namedClasses: KeyValuePairs<String, [ClosedRange<UInt32>]> = [
        "alnum": digits + letters, "alpha": letters, "ascii": [0...0x7f], "blank": [0x09...0x09, 0x20...0x20],
        "cntrl": [0...0x1f, 0x7f...0x7f], "digit": digits, "graph": [0x21...0x7e], "lower": [0x61...0x7a],
        "print": [0x20...0x7e], "punct": [0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e],
        "space": [0x09...0x0d, 0x20...0x20], "upper": [0x41...0x5a], "word": digits + letters + [0x5f...0x5f],
        "xdigit": digits + [0x41...0x46, 0x61...0x66],
    ]

    private static let letters: [ClosedRange<UInt32>] = [0x41...0x5a, 0x61...0x7a]

    private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var start: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > start { result.append(start...(range.lowerBound - 1)) }
            start = max(start, range.upperBound + 1)
        }
        result.append(start...0x10ffff)
        return result
    }
}
