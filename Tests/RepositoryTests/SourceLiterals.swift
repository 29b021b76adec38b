import Foundation

/// The string literals of a Swift file, each with the code that leads to it.
///
/// Literals that `+` joins are one. `‹…›` stands for an interpolated value.
struct SourceLiterals {
    struct Literal {
        /// The code between the last statement's, argument's or block's beginning and the literal: `throw UsageError(`.
        var lead: String
        var text: String
    }

    private(set) var literals: [Literal] = []
    private let code: [UInt8]
    private var index = 0

    /// Where the code that leads to the next literal begins.
    private var start = 0

    init(of text: String) {
        code = Array(text.utf8)
        scan()
    }

    private mutating func scan() {
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "/") where follows("//") || follows("/*"):
                skipComment()
                start = index
            case _ where hashes() != nil:
                let lead = String(decoding: code[start..<index], as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                let text = literal()
                if lead == "+", !literals.isEmpty {
                    literals[literals.count - 1].text += text
                } else {
                    literals.append(Literal(lead: lead, text: text))
                }
                start = index
            case UInt8(ascii: ";"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","):
                index += 1
                start = index
            default:
                index += 1
            }
        }
    }

    private func follows(_ text: String) -> Bool { code[index...].starts(with: text.utf8) }

    private mutating func skipComment() {
        let isLine = follows("//")
        while index < code.count, isLine ? code[index] != UInt8(ascii: "\n") : !follows("*/") { index += 1 }
    }

    /// How many `#` stand before the quote that begins here; nil if no quote does.
    private func hashes() -> Int? {
        let count = code[index...].prefix { $0 == UInt8(ascii: "#") }.count
        return index + count < code.count && code[index + count] == UInt8(ascii: "\"") ? count : nil
    }

    private mutating func literal() -> String {
        let hashes = hashes() ?? 0
        index += hashes
        let isLong = follows("\"\"\"")
        let quote = Array(repeating: UInt8(ascii: "\""), count: isLong ? 3 : 1)
        let fence = Array(repeating: UInt8(ascii: "#"), count: hashes)
        let (end, escape) = (quote + fence, [UInt8(ascii: "\\")] + fence)
        index += quote.count
        var text: [UInt8] = []
        while index < code.count, !code[index...].starts(with: end) {
            guard code[index...].starts(with: escape), index + escape.count < code.count else {
                text.append(code[index])
                index += 1
                continue
            }
            index += escape.count
            if code[index] == UInt8(ascii: "(") {
                text += Array("‹\(interpolated())›".utf8)
            } else {
                // The ends of lines, which `\n` and `\r` write, are spaces in a list.
                text.append("nrt".utf8.contains(code[index]) ? UInt8(ascii: " ") : code[index])
                index += 1
            }
        }
        index += end.count
        return String(decoding: text, as: UTF8.self)
    }

    /// The code of an interpolation, without its parentheses and with `…` for the texts in it.
    private mutating func interpolated() -> String {
        var value: [UInt8] = []
        var depth = 0
        repeat {
            if code[index] == UInt8(ascii: "\"") {
                _ = literal()
                value += Array("…".utf8)
                continue
            }
            if code[index] == UInt8(ascii: "(") { depth += 1 }
            if code[index] == UInt8(ascii: ")") { depth -= 1 }
            value.append(code[index])
            index += 1
        } while depth > 0 && index < code.count
        return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }
}
