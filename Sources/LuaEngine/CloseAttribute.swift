/// Finds `local x <close>`, whose code would run where no limit holds.
enum CloseAttribute {
    /// The line of the first one.
    static func line(in text: [UInt8]) -> Int? {
        var scanner = TokenScanner(text: text)
        var token = scanner.next()
        while let current = token {
            token = scanner.next()
            guard current == "local" else { continue }
            // Names with their attributes, until something else comes.
            while let name = token, name != "function", TokenScanner.isName(name) {
                token = scanner.next()
                if token == "<" {
                    let attribute = scanner.next()
                    if attribute == "close" { return scanner.line }
                    _ = scanner.next()
                    token = scanner.next()
                }
                guard token == "," else { break }
                token = scanner.next()
            }
        }
        return nil
    }
}

/// Lua's tokens, as far as names, signs, strings and comments have to be told apart.
struct TokenScanner {
    let text: [UInt8]
    private var index = 0
    private(set) var line = 1

    init(text: [UInt8]) { self.text = text }

    static func isName(_ token: String) -> Bool {
        token.utf8.first.map { isLetter($0) } ?? false
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "_")
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        index + offset < text.count ? text[index + offset] : 0
    }

    /// The next name or sign, or nil at the end; a string is `"`.
    mutating func next() -> String? {
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                index += 1
            case UInt8(ascii: "-") where self.byte(1) == UInt8(ascii: "-"):
                index += 2
                if !skipLongBracket() {
                    while index < text.count, text[index] != UInt8(ascii: "\n") { index += 1 }
                }
            case UInt8(ascii: "["):
                if skipLongBracket() { return "\"" }
                index += 1
                return "["
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                skipString(byte)
                return "\""
            case let letter where Self.isLetter(letter):
                let start = index
                while Self.isLetter(self.byte()) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= self.byte() { index += 1 }
                return String(decoding: text[start..<index], as: UTF8.self)
            case 0...0x20: index += 1
            default:
                index += 1
                return String(decoding: [byte], as: UTF8.self)
            }
        }
        return nil
    }

    private mutating func skipString(_ quote: UInt8) {
        index += 1
        while index < text.count, text[index] != quote {
            if text[index] == UInt8(ascii: "\\") { index += 1 }
            if byte() == UInt8(ascii: "\n") { line += 1 }
            index += 1
        }
        index += 1
    }

    /// Skips `[[ … ]]` or `[=[ … ]=]`, if one begins here.
    private mutating func skipLongBracket() -> Bool {
        guard byte() == UInt8(ascii: "[") else { return false }
        var level = 0
        while byte(1 + level) == UInt8(ascii: "=") { level += 1 }
        guard byte(1 + level) == UInt8(ascii: "[") else { return false }
        index += level + 2
        while index < text.count {
            if text[index] == UInt8(ascii: "\n") { line += 1 }
            if text[index] == UInt8(ascii: "]") {
                var count = 0
                while byte(1 + count) == UInt8(ascii: "=") { count += 1 }
                if count == level, byte(1 + count) == UInt8(ascii: "]") {
                    index += level + 2
                    return true
                }
            }
            index += 1
        }
        return true
    }
}
