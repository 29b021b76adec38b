import LuaPatterns
import WippySystemLua

extension FuzzTarget {
    /// A pattern in the first line and a text behind it: the matches that the system's Lua finds.
    package static let patterns = FuzzTarget("patterns") { bytes throws(Finding) in
        let pattern = Array(bytes.prefix { $0 != 0x0a })
        let text = Array(bytes.dropFirst(pattern.count + 1))
        guard let ours = found(pattern, in: text) else { return }
        let theirs: [UInt8]
        do throws(SystemLua.Failure) {
            theirs = try SystemLua.run(program, [pattern, text])
        } catch {
            throw Finding("the system's Lua fails: \(error)")
        }
        try require(ours.elementsEqual(theirs), "\(String(decoding: theirs, as: UTF8.self)), not \(ours)")
    }

    /// How many matches are looked for.
    private static let maxMatches = 20

    private static let program = """
        local pattern, text = ...
        local found, start = {}, 1
        for _ = 1, \(maxMatches) do
          local match = table.pack(pcall(string.find, text, pattern, start))
          for i = 1, match.n do
            found[#found + 1] = type(match[i]) == "string" and #match[i] .. ":" .. match[i] or tostring(match[i])
          end
          if not match[1] or not match[2] or pattern:sub(1, 1) == "^" then break end
          start = match[3] >= match[2] and match[3] + 1 or match[2] + 1
          if start > #text + 1 then break end
        end
        return table.concat(found, " ")
        """

    /// What the program makes of it; nil when it takes too long.
    private static func found(_ pattern: [UInt8], in text: [UInt8]) -> [UInt8]? {
        var matcher = LuaMatcher(maxSteps: 2_000_000)
        let isPlain = LuaMatcher.isPlain(pattern.span)
        var results: [[UInt8]] = []
        do throws(LuaPatternError) {
            var start: Int? = 0
            for _ in 0..<maxMatches {
                guard let offset = start else { break }
                let match =
                    try isPlain
                    ? matcher.firstOccurrence(of: pattern.span, in: text.span, from: offset)
                    : matcher.firstMatch(of: pattern.span, in: text.span, from: offset)
                guard let match else {
                    results += ["true", "nil"].map { Array($0.utf8) }
                    break
                }
                var values = ["true", "\(match.lowerBound + 1)", "\(match.upperBound)"].map { Array($0.utf8) }
                for index in 0..<matcher.captureCount {
                    switch try matcher.capture(index) {
                    case .text(let range): values.append(Array("\(range.count):".utf8) + text[range])
                    case .position(let offset): values.append(Array("\(offset + 1)".utf8))
                    }
                }
                results += values
                start = LuaMatcher.start(after: match, of: pattern.span, in: text.span)
            }
        } catch .tooManySteps {
            return nil
        } catch {
            let sentence = error.description.utf8
            results += [Array("false".utf8), Array("\(sentence.count):".utf8) + sentence]
        }
        return Array(results.joined(separator: " ".utf8))
    }
}
