import WippyText

/// Divides a source into tokens.
struct Lexer {
    let source: [UInt8]
    let lines: Lines

    /// All tokens; the last one is the end of the source.
    private(set) var tokens: [Token] = []

    /// Changes for Lua 5.4, which writes some escapes and octal numbers differently.
    private(set) var edits = Edits()

    /// The names in the script.
    ///
    /// A name's number is its index.
    private(set) var names: [String] = []

    /// The number of the name `self`, which has the object of a method.
    static let nameOfSelf = 0

    private var numbers: [ExactText: Int] = [:]
    private var index = 0

    init(_ source: [UInt8]) throws(LuaDiagnostic) {
        self.source = source
        lines = Lines(of: source)
        _ = number(of: "self")
        repeat { try scanToken() } while tokens.last?.kind != .end
    }

    private func byte(at index: Int) -> UInt8 { index < source.count ? source[index] : 0 }

    private func failure(_ message: String, at offset: Int) -> LuaDiagnostic {
        LuaDiagnostic(at: lines.location(of: offset), message)
    }

    private mutating func scanToken() throws(LuaDiagnostic) {
        try skipBlanks()
        let start = index
        guard start < source.count else { return append(.end, from: start, through: start) }
        switch source[start] {
        case let first where first.isNameStart: scanWord()
        case let digit where digit.isDigit: try scanNumber()
        case "." where byte(at: start + 1).isDigit: try scanNumber()
        case "\"", "'": try scanString()
        case "[" where longBracketLevel(at: start) != nil:
            index = try endOfLongBracket(at: start, "string")
            append(.string, from: start, through: index)
        case ":" where byte(at: start + 1) == ":": scanDoubleColon()
        default: try scanSign()
        }
    }

    private mutating func append(_ kind: Token.Kind, from start: Int, through end: Int, name: Int = 0) {
        tokens.append(Token(kind: kind, start: start, end: end, name: name))
        index = end
    }

    private mutating func skipBlanks() throws(LuaDiagnostic) {
        while index < source.count {
            if source[index].isBlank {
                index += 1
            } else if source[index] == "-", byte(at: index + 1) == "-" {
                if longBracketLevel(at: index + 2) != nil {
                    index = try endOfLongBracket(at: index + 2, "comment")
                } else {
                    while index < source.count, !source[index].isNewline { index += 1 }
                }
            } else {
                return
            }
        }
    }

    /// The number of `=` between the brackets of a long bracket at an offset; nil if no long bracket begins there.
    private func longBracketLevel(at start: Int) -> Int? {
        guard byte(at: start) == "[" else { return nil }
        var index = start + 1
        while byte(at: index) == "=" { index += 1 }
        return byte(at: index) == "[" ? index - start - 1 : nil
    }

    private func endOfLongBracket(at start: Int, _ what: String) throws(LuaDiagnostic) -> Int {
        let level = longBracketLevel(at: start) ?? 0
        var index = start + level + 2
        while index < source.count {
            if source[index] == "]" {
                let first = index + 1
                index = first
                while byte(at: index) == "=" { index += 1 }
                if index - first == level, byte(at: index) == "]" { return index + 1 }
            } else {
                index += 1
            }
        }
        let closing = "]" + String(repeating: "=", count: min(level, 40)) + "]"
        throw failure("this long \(what) is never closed: '\(closing)' is missing", at: start)
    }

    private mutating func scanWord() {
        let start = index
        var end = start
        while byte(at: end).isWordPart { end += 1 }
        let word = String(decoding: source[start..<end], as: UTF8.self)
        if let kind = Token.Kind.words[ExactText(word)] {
            append(kind, from: start, through: end, name: kind == .type ? number(of: word) : 0)
        } else {
            append(.name, from: start, through: end, name: number(of: word))
        }
    }

    private mutating func number(of name: String) -> Int {
        if let number = numbers[ExactText(name)] { return number }
        numbers[ExactText(name)] = names.count
        names.append(name)
        return names.count - 1
    }

    private mutating func scanNumber() throws(LuaDiagnostic) {
        let start = index
        let isHex = source[start] == "0" && byte(at: start + 1) | 0x20 == "x"
        var end = isHex ? start + 2 : start
        while true {
            let next = byte(at: end)
            if next | 0x20 == (isHex ? "p" : "e") {
                let sign = byte(at: end + 1)
                end += sign == "+" || sign == "-" ? 2 : 1
            } else if next.isHexDigit || next == "." || next.isNameStart {
                end += 1
            } else {
                break
            }
        }
        guard isNumber(source[(isHex ? start + 2 : start)..<end], isHex: isHex) else {
            throw failure("malformed number near '\(source.excerpt(start..<end))'", at: start)
        }
        append(.number, from: start, through: end)
        rewriteOctal(start..<end)
    }

    private func isNumber(_ text: ArraySlice<UInt8>, isHex: Bool) -> Bool {
        var rest = text
        func digits(_ areHex: Bool) -> Int {
            let count = rest.prefix { areHex ? $0.isHexDigit : $0.isDigit }.count
            rest = rest.dropFirst(count)
            return count
        }
        var count = digits(isHex)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            count += digits(isHex)
        }
        guard count > 0 else { return false }
        if let mark = rest.first, mark | 0x20 == (isHex ? "p" : "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == "+" || sign == "-" { rest = rest.dropFirst() }
            guard digits(false) > 0 else { return false }
        }
        return rest.isEmpty
    }

    /// Rewrites octal numbers.
    ///
    /// A whole number that begins with two zeros is octal: `0010` is 8.
    private mutating func rewriteOctal(_ range: Range<Int>) {
        let digits = source[range]
        guard range.count > 2, digits.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "0")]),
            let value = Int(String(decoding: digits, as: UTF8.self), radix: 8)
        else { return }
        let text = "\(value)"
        edits.replace(range, with: text + String(repeating: " ", count: range.count - text.utf8.count))
    }

    /// Reads a string.
    ///
    /// If the character after a backslash is not an escape of the dialect, the backslash is dropped.
    private mutating func scanString() throws(LuaDiagnostic) {
        let start = index
        let quote = source[start]
        var end = start + 1
        var dropped = 0
        while byte(at: end) != quote {
            guard end < source.count, !source[end].isNewline else {
                throw failure("this string is never closed: \(Unicode.Scalar(quote)) is missing", at: start)
            }
            guard source[end] == "\\", end + 1 < source.count else {
                end += 1
                continue
            }
            let escape = end
            switch source[end + 1] {
            case "a", "b", "f", "n", "r", "t", "v", "\\", "\"", "'": end += 2
            case let newline where newline.isNewline: end += 1 + source.newlineLength(at: end + 1)
            case let digit where digit.isDigit:
                end += 1
                var value = 0
                while end < min(source.count, escape + 4), source[end].isDigit {
                    value = value * 10 + Int(source[end] - UInt8(ascii: "0"))
                    end += 1
                }
                guard value <= 255 else {
                    throw failure("'\(source.excerpt(escape..<end))' is not a byte: it is above 255", at: escape)
                }
            default:
                edits.replace(escape..<escape + 1, with: "")
                dropped += 1
                end += 1
            }
        }
        append(.string, from: start, through: end + 1)
        if dropped > 0 { edits.insert(String(repeating: " ", count: dropped), at: index) }
    }

    /// Reads `::`.
    ///
    /// A `::name::` in one line is a label. Any other `::` begins a cast.
    private mutating func scanDoubleColon() {
        let start = index
        let limit = min(source.count, start + 256)
        var end = start + 2
        func skipSpaces() { while end < limit, source[end] == " " || source[end] == "\t" { end += 1 } }
        skipSpaces()
        let name = end
        if byte(at: end).isNameStart { while end < limit, source[end].isWordPart { end += 1 } }
        let nameEnd = end
        skipSpaces()
        let isName = nameEnd > name && !isReserved(source[name..<nameEnd])
        guard isName, byte(at: end) == ":", byte(at: end + 1) == ":" else {
            return append(.doubleColon, from: start, through: start + 2)
        }
        append(.label, from: start, through: end + 2)
    }

    /// True if Lua 5.4 reserves a word.
    private func isReserved(_ word: ArraySlice<UInt8>) -> Bool {
        Token.Kind.words[ExactText(String(decoding: word, as: UTF8.self))].map { !$0.isField } ?? false
    }

    private mutating func scanSign() throws(LuaDiagnostic) {
        let start = index
        for length in [3, 2, 1] where start + length <= source.count {
            let sign = String(decoding: source[start..<start + length], as: UTF8.self)
            if let kind = Self.signs[ExactText(sign)] { return append(kind, from: start, through: start + length) }
        }
        let sign = source.excerpt(start..<start + 1)
        throw failure("unexpected symbol near '\(sign)'", at: start)
    }

    private static let signs: [ExactText: Token.Kind] = [
        "+": .plus, "-": .minus, "*": .star, "/": .slash, "//": .doubleSlash, "%": .percent, "^": .caret, "#": .hash,
        "&": .ampersand, "~": .tilde, "|": .pipe, "<<": .shiftLeft, ">>": .shiftRight, "==": .equal, "~=": .notEqual,
        "<=": .lessOrEqual, ">=": .greaterOrEqual, "<": .less, ">": .greater, "=": .assign, "..": .concatenate,
        "(": .leftParenthesis, ")": .rightParenthesis, "{": .leftBrace, "}": .rightBrace, "[": .leftBracket,
        "]": .rightBracket, ";": .semicolon, ":": .colon, ",": .comma, ".": .dot, "...": .dots, "!": .bang,
        "?": .question, "@": .at, "->": .arrow,
    ]
}

extension [UInt8] {
    /// A part of a source for a message: one line of at most 40 bytes, without invisible characters.
    func excerpt(_ range: Range<Int>) -> String {
        let line = self[range].prefix { !$0.isNewline }
        let text = String(decoding: line.prefix(40), as: UTF8.self)
        let visible = text.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control || ["\u{2028}", "\u{2029}"].contains(scalar)
                || scalar.properties.generalCategory == .format
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return visible.joined() + (line.count > 40 || line.count < range.count ? "…" : "")
    }
}
