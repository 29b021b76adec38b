import LuaEngine
import Testing

@testable import WippyLua

@Suite("Streams and their scanners", .timeLimit(.minutes(15)))
struct StreamTests {
    /// Gives bytes in pieces of a length.
    private actor Pieces: ByteSource {
        nonisolated var count: Int? { nil }
        private var left: ArraySlice<UInt8>
        private let length: Int

        init(of text: String, length: Int) {
            (left, self.length) = (Array(text.utf8)[...], length)
        }

        func next() -> [UInt8]? {
            let piece = left.prefix(length)
            left = left.dropFirst(length)
            return piece.isEmpty ? nil : Array(piece)
        }
    }

    /// Returns the tokens of a text that comes in pieces, joined by commas, and the error of the scanner.
    private static func tokens(
        of text: String, by rule: TokenRule, inPiecesOf length: Int
    ) async throws -> [LuaValue] {
        let module = LuaModule(
            "test",
            [
                .function("stream") { stack in
                    stack.succeed(ScriptStream(Pieces(of: text, length: length)), as: ScriptStream.type)
                }
            ])
        return try await results(
            of: """
                local scanner, found = test.stream():scanner('\(rule.rawValue)'), {}
                while scanner:scan() do found[#found + 1] = scanner:text() end
                return table.concat(found, ','), scanner:err()
                """, [module])
    }

    @Test("The length of the pieces does not matter", arguments: [1, 2, 3, 100])
    func pieces(length: Int) async throws {
        let text = "  one  two\r\nthrée \n\n four"
        for (rule, tokens) in [
            (TokenRule.lines, "  one  two,thrée ,, four"), (.words, "one,two,thrée,four"),
            (.runes, text.unicodeScalars.map(String.init).joined(separator: ",")),
        ] {
            let found = try await Self.tokens(of: text, by: rule, inPiecesOf: length)
            #expect(found == [.string(tokens), .nil], "\(rule)")
        }
    }

    @Test("Bytes that were searched are not searched again")
    func searched() {
        let find = { (rule: TokenRule, text: String, searched: Int) in
            rule.find(in: Array(text.utf8)[...], from: searched, isAtEnd: false)
        }
        // The ends of tokens among the searched bytes, which a caller never leaves there, show what is searched.
        #expect(find(.lines, "a\nb", 2) == .needsMore(skipping: 0))
        #expect(find(.lines, "a\nb\n", 2) == .token(Array("a\nb".utf8), consumed: 4))
        #expect(find(.words, "a b", 2) == .needsMore(skipping: 0))
        #expect(find(.words, "a b ", 2) == .token(Array("a b".utf8), consumed: 4))
        #expect(find(.words, "  ", 0) == .needsMore(skipping: 2))
        #expect(find(.words, "  ab", 0) == .needsMore(skipping: 2))
    }

    @Test("Blanks before a word do not count for its length")
    func blanks() async throws {
        let text = String(repeating: " ", count: 100_000) + "word"
        #expect(try await Self.tokens(of: text, by: .words, inPiecesOf: 1000) == ["word", .nil])
        let failed = try await Self.tokens(of: text, by: .lines, inPiecesOf: 1000)
        #expect(failed == ["", "a token is longer than 64KiB"])
    }

    @Test("Unread bytes are rarely moved when pieces arrive")
    func moves() {
        let stream = ScriptStream(Pieces(of: "", length: 1))
        var moves = 0
        var place: UnsafePointer<UInt8>?
        for number in 0..<65_536 {
            stream.add([UInt8(truncatingIfNeeded: number)])
            let now = stream.unread.withUnsafeBufferPointer(\.baseAddress)
            if now != place { moves += 1 }
            place = now
        }
        #expect(stream.unread.count == 65_536 && moves < 50, "\(moves)")
        stream.skip(40_000)
        stream.add([7])
        #expect(stream.unread.count == 25_537 && stream.unread.first == UInt8(truncatingIfNeeded: 40_000))
        #expect(stream.unread.last == 7)
    }
}
