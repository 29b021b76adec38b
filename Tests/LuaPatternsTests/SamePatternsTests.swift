import LuaPatterns
import Testing
import WippySystemLua
import WippyTestTools

/// The matcher finds what the system's Lua 5.4 finds, and refuses what it refuses in the same words.
struct SamePatternsTests {
    @Test(arguments: [1, 2, 3])
    func generatedPatternsMatchAsInLua(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let cases = (0..<10_000).map { _ in PatternCase(&generator) }
        let output = try SystemLua.run(Self.program, [Array(cases.map(\.line).joined(separator: "\n").utf8)])
        let expected = String(decoding: output, as: UTF8.self).split(separator: "\n")
        try #require(expected.count == cases.count)
        var failures = 0
        for (pattern, expected) in zip(cases, expected) where pattern.result != expected {
            failures += 1
            guard failures <= 10 else { break }
            Issue.record("\(pattern): \(pattern.result) instead of \(expected)")
        }
        // A generator that makes mistakes only would prove little.
        #expect(expected.count { $0.hasPrefix("true") && $0.utf8.count > 8 } > cases.count / 4)
    }

    private static let program = #"""
        local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
        local function text(s) return (s:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)) end
        local results = {}
        local function show(...)
          local r = table.pack(...)
          for i = 1, r.n do r[i] = type(r[i]) == "string" and "'" .. hex(r[i]) .. "'" or tostring(r[i]) end
          results[#results + 1] = table.concat(r, " ")
        end
        for line in (...):gmatch("[^\n]+") do
          local op, init, s, p, r = line:match("(%w+) (-?%d+) '(%x*)' '(%x*)' '(%x*)'")
          s, p, r, init = text(s), text(p), text(r), tonumber(init)
          if op == "find" then show(pcall(string.find, s, p, init))
          elseif op == "plain" then show(pcall(string.find, s, p, init, true))
          else show(pcall(string.gsub, s, p, r)) end
        end
        return table.concat(results, "\n")
        """#
}

/// One call of `find` or `gsub`.
struct PatternCase: CustomStringConvertible {
    var operation: String
    var start: Int
    var text: [UInt8]
    var pattern: [UInt8]
    var replacement: [UInt8]

    init(_ generator: inout Generator) {
        operation = generator.one(of: ["find", "find", "gsub", "gsub", "plain"])
        let alphabet: [UInt8] = generator.one(of: [
            Array("ab".utf8), Array("aB1 ()_%".utf8), Array("xyxyxyz[]-^$".utf8), Array(0...255),
        ])
        text = generator.bytes(of: alphabet, count: generator.one(of: [0, 1, 5, 12, 40, 90]))
        pattern = generator.pattern(of: alphabet)
        if operation == "plain", generator.chance(2), !text.isEmpty {
            let start = generator.below(text.count)
            pattern = Array(text[start..<min(text.count, start + generator.below(4))])
        }
        start = generator.chance(2) ? 1 : generator.below(20) - 8
        replacement = []
        for _ in 0..<generator.below(4) {
            replacement += generator.one(of: ["x", "%%", "%0", "%1", "%1", "%2", "--", "\0"]).utf8
        }
    }

    var line: String { "\(operation) \(start) '\(hex(text))' '\(hex(pattern))' '\(hex(replacement))'" }

    var description: String {
        "\(operation) \(String(decoding: pattern, as: UTF8.self).debugDescription): \(line)"
    }

    /// What the matcher makes of it, written as the program in Lua writes it.
    var result: String {
        var matcher = LuaMatcher(maxSteps: 1_000_000_000)
        do throws(LuaPatternError) {
            return try operation == "gsub" ? substituted(&matcher) : found(&matcher)
        } catch {
            return "false '\(hex(Array("\(error)".utf8)))'"
        }
    }

    private func found(_ matcher: inout LuaMatcher) throws(LuaPatternError) -> String {
        guard let offset = LuaMatcher.offset(of: start, in: text.count) else { return "true nil" }
        let isPlain = operation == "plain" || LuaMatcher.isPlain(pattern.span)
        let range =
            try isPlain
            ? matcher.firstOccurrence(of: pattern.span, in: text.span, from: offset)
            : matcher.firstMatch(of: pattern.span, in: text.span, from: offset)
        guard let range else { return "true nil" }
        var results = ["true", "\(range.lowerBound + 1)", "\(range.upperBound)"]
        for index in 0..<matcher.captureCount {
            switch try matcher.capture(index) {
            case .text(let range): results.append("'\(hex(text[range]))'")
            case .position(let offset): results.append("\(offset + 1)")
            }
        }
        return results.joined(separator: " ")
    }

    /// Lua 5.4's rule: no empty match right behind another match.
    private func substituted(_ matcher: inout LuaMatcher) throws(LuaPatternError) -> String {
        var result: [UInt8] = []
        var (offset, lastEnd, count) = (0, -1, 0)
        while true {
            if let end = try matcher.match(of: pattern.span, in: text.span, at: offset), end != lastEnd {
                count += 1
                try matcher.forEachPiece(of: replacement.span) { piece in
                    switch piece {
                    case .literal(let range): result += replacement[range]
                    case .text(let range): result += text[range]
                    case .position(let offset): result += "\(offset + 1)".utf8
                    }
                }
                (offset, lastEnd) = (end, end)
            } else if offset < text.count {
                result.append(text[offset])
                offset += 1
            } else {
                break
            }
            if pattern.first == UInt8(ascii: "^") { break }
        }
        if offset < text.count { result += text[offset...] }
        return "true '\(hex(result))' \(count)"
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// Makes the same cases for the same seed.
struct Generator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    mutating func bytes(of alphabet: [UInt8], count: Int) -> [UInt8] {
        (0..<count).map { _ in one(of: alphabet) }
    }

    /// Mostly a pattern, sometimes a mistake.
    mutating func pattern(of alphabet: [UInt8]) -> [UInt8] {
        var pattern: [UInt8] = chance(6) ? [UInt8(ascii: "^")] : []
        var (open, repeats) = (0, 0)
        for _ in 0..<1 + below(8) {
            switch below(16) {
            case 0...4: pattern += single(of: alphabet)
            case 5...8:
                pattern += single(of: alphabet)
                if repeats < 3 { pattern += one(of: ["*", "+", "-", "?"]).utf8 }
                repeats += 1
            case 9: pattern += "()".utf8
            case 10, 11:
                pattern += "(".utf8
                open += 1
            case 12 where open > 0:
                pattern += ")".utf8
                open -= 1
            case 13: pattern += one(of: ["%1", "%2", "%b()", "%bxy", "%b", "%f", "%0"]).utf8
            case 14: pattern += "%f".utf8 + set(of: alphabet)
            case 15:
                pattern += chance(2) ? bytes(of: alphabet, count: 1) : Array(one(of: ["$", "%", "[", "]", ")"]).utf8)
            default: pattern += bytes(of: alphabet, count: 2)
            }
        }
        if !chance(20) { pattern += bytes(of: [UInt8(ascii: ")")], count: open) }
        if chance(6) { pattern += "$".utf8 }
        return pattern
    }

    private mutating func single(of alphabet: [UInt8]) -> [UInt8] {
        switch below(6) {
        case 0: Array(".".utf8)
        case 1, 2: `class`()
        case 3: set(of: alphabet)
        case 4: [UInt8(ascii: "%")] + bytes(of: alphabet, count: 1)
        default: bytes(of: alphabet, count: 1)
        }
    }

    private mutating func `class`() -> [UInt8] {
        [UInt8(ascii: "%"), one(of: Array("acdglpsuwxzACDGLPSUWXZq.".utf8))]
    }

    private mutating func set(of alphabet: [UInt8]) -> [UInt8] {
        var set = Array(chance(3) ? "[^".utf8 : "[".utf8)
        for _ in 0..<1 + below(4) {
            switch below(4) {
            case 0: set += `class`()
            case 1: set += bytes(of: alphabet, count: 1) + Array("-".utf8) + bytes(of: alphabet, count: 1)
            default: set += bytes(of: alphabet, count: 1)
            }
        }
        return chance(30) ? set : set + Array("]".utf8)
    }
}
