import Testing
import WippyText

@testable import WippyDefinition

@Suite("Field values")
struct FieldValueTests {
    private func node(_ text: String, _ style: Scalar.Style = .plain) -> Node {
        Node(.scalar(Scalar(text, style: style)), at: Location(source: "here"))
    }

    @Test(
        "Durations are read exactly",
        arguments: [
            ("0", .zero), ("-0", .zero), ("10s", .seconds(10)), ("1m30s", .seconds(90)), ("1.5h", .seconds(5400)),
            ("100ms", .milliseconds(100)), ("0.57ms", .microseconds(570)), ("4.35s", .milliseconds(4350)),
            ("1.001ms", .nanoseconds(1_001_000)), ("7us", .microseconds(7)), ("7µs", .microseconds(7)),
            ("7μs", .microseconds(7)),
            ("-1.5s", .milliseconds(-1500)), ("+1ns", .nanoseconds(1)), (".5s", .milliseconds(500)),
            ("1.s", .seconds(1)),
            ("0.3333333333333333333333h", .nanoseconds(1_199_999_999_999)),
            ("2562047h47m16.854775807s", .nanoseconds(Int64.max)),
        ] as [(String, Duration)])
    func durations(text: String, value: Duration) {
        #expect(Duration(written: text) == value)
    }

    @Test(
        "Other texts are no duration",
        arguments: [
            "", "-", "+", "10", "1.5", "s", ".s", "1..5s", "1.2.3s", "5 s", "1d", "1S", "10s5", "-1s-2s", "٣s",
            "2562047h47m16.854775808s",
            "99999999999999999999s", "9223372036854775807h", "1e3s", "0x1s", "0.s.", "-\u{301}5s",
        ])
    func noDuration(text: String) {
        #expect(Duration(written: text) == nil)
    }

    @Test(
        "A duration is written so that it is read back",
        arguments: [
            (.zero, "0s"), (.seconds(90), "1m30s"), (.seconds(3600), "1h"), (.milliseconds(1500), "1s500ms"),
            (.nanoseconds(-1), "-1ns"), (.microseconds(5), "5us"), (.seconds(86_400), "24h"),
            (.milliseconds(-1500), "-1s500ms"),
        ] as [(Duration, String)])
    func writtenDurations(value: Duration, text: String) {
        #expect(value.written == text)
        #expect(Duration(written: text) == value)
    }

    @Test(
        "A duration for people is cut to milliseconds, or to microseconds below one, before and after zero",
        arguments: [
            (.zero, "0s"), (.nanoseconds(1_500), "1us"), (.microseconds(999), "999us"),
            (.microseconds(1_500), "1ms"), (.microseconds(1_500_700), "1s500ms"),
        ] as [(Duration, String)])
    func readableDurations(value: Duration, text: String) {
        #expect(value.readable == text)
        #expect((.zero - value).readable == (value == .zero ? text : "-\(text)"))
    }

    @Test("The longest durations are written without a trap")
    func longest() {
        #expect(Duration(secondsComponent: .min, attosecondsComponent: 0).written.hasPrefix("-"))
        #expect(!Duration(secondsComponent: .max, attosecondsComponent: 0).written.isEmpty)
    }

    @Test(
        "Sizes",
        arguments: [
            ("0", 0), ("512", 512), ("1KiB", 1024), ("10MiB", 10 << 20), ("2GiB", 2 << 30), ("1kB", 1000),
            ("3 MB", 3_000_000), ("5B", 5),
        ])
    func sizes(text: String, bytes: Int) throws {
        #expect(try ByteCount(reading: node(text)).bytes == bytes)
        #expect(try ByteCount(reading: node(ByteCount(bytes).written)).bytes == bytes)
    }

    @Test(
        "A text is written so that it is read back, also as an element and as a value",
        arguments: [
            ("", #""""#), ("word", "word"), ("two words", "two words"), (":8080", #"":8080""#),
            ("./a/b.db", "./a/b.db"), ("8080", #""8080""#), ("true", #""true""#), ("null", #""null""#), ("~", #""~""#),
            ("1e3", #""1e3""#),
            ("a: b", #""a: b""#), ("a:", #""a:""#), (" a", #"" a""#), ("a ", #""a ""#), ("*", #""*""#),
            ("- a", #""- a""#),
            ("a,b", #""a,b""#), ("#x", ##""#x""##), ("a\nb", #""a\nb""#), ("{x}", #""{x}""#), ("é", #""é""#),
        ])
    func writtenTexts(text: String, written: String) throws {
        #expect(text.written == written)
        let file = "a: \(text.written)\nb: [\(text.written)]\nc: {\(text.written): \(text.written)}\n"
        let root = try #require(YAMLComposer.compose(SourceFile(path: "f", text: file), limits: .standard).root)
        #expect(try String(reading: #require(root["a"])) == text)
        #expect(try [String](reading: #require(root["b"])) == [text])
        #expect(try [ExactText: String](reading: #require(root["c"])) == [ExactText(text): text])
    }

    @Test(
        "Other texts are no size",
        arguments: [
            "", "-1", "+1", "1.5MiB", "MiB", "1mib", "10 MiB x", "9223372036854775807KiB", "99999999999999999999",
            "0x10", "1_000",
        ])
    func noSize(text: String) {
        #expect(throws: FieldProblem.self) { try ByteCount(reading: node(text)) }
    }

    @Test("Texts from outside the files are read as the field's type")
    func external() throws {
        #expect(try [String](reading: node("GET, POST", .external)) == ["GET", "POST"])
        #expect(try [String](reading: node("[1, 'b c', null]", .external)) == ["1", "b c", "null"])
        #expect(try [Int](reading: node("", .external)).isEmpty)
        #expect(try [ExactText: Int](reading: node("{a: 1}", .external)) == ["a": 1])
        #expect(try [ExactText: [Int]](reading: node("{a: [1, 2]}", .external)) == ["a": [1, 2]])
        #expect(try Bool(reading: node("TrUe", .external)))
        #expect(try String(reading: node("5", .external)) == "5")
        #expect(try Int(reading: node("5", .external)) == 5)
        for text in ["100", "100ms"] {
            let delay = try CountedDuration<Milliseconds>(reading: node(text, .external))
            #expect(delay.duration == .milliseconds(100))
        }
        #expect(throws: FieldProblem.self) { try CountedDuration<Milliseconds>(reading: node("100", .quoted)) }
        #expect(throws: FieldProblem.self) { try [ExactText: Int](reading: node("a", .external)) }
        #expect(throws: FieldProblem.self) { try [ExactText: Int](reading: node("{a: [", .external)) }
        #expect(throws: FieldProblem.self) { try [String](reading: node("a, b")) }
        #expect(throws: FieldProblem.self) { try Bool(reading: node("true", .quoted)) }
    }

    private struct Server: Sendable {
        static let contract = Contract<Server>("a server")
    }

    @Test("What must be written has a range, and what need not may be a base or a list of ids")
    func requiredAndOptional() {
        func read(_ text: String) -> (fields: FieldReader, port: Int, base: Base<Server>?, ids: [EntryID]) {
            let file = SourceFile(path: "a.yaml", text: text)
            let node = YAMLComposer.compose(file).root ?? Node(.mapping([]), at: Location(source: "a.yaml"))
            var fields = FieldReader(node, unknownFields: .error)
            let port = fields.required("port", in: 1...65_535, "The port.")
            let base = fields.optionalBase("server", Server.contract, "The server.")
            let ids = fields.optionalReferences("others", Server.contract, "Others.").map(\.id)
            return (fields, port, base, ids)
        }
        let whole = read("{port: 80, server: a:b, others: [a:c, a:d]}")
        #expect(whole.port == 80 && whole.base?.id.description == "a:b")
        #expect(whole.ids.map(\.description) == ["a:c", "a:d"])
        #expect(whole.fields.references.map(\.isBase) == [true, false, false])
        #expect(whole.fields.finish().isEmpty)
        #expect(whole.fields.descriptions.map(\.form.range) == ["1 through 65535", nil, nil])
        let empty = read("{}")
        #expect(empty.base == nil && empty.ids.isEmpty)
        #expect(empty.fields.finish().map(\.message) == ["missing field 'port': the port"])
        #expect(read("{port: 0}").fields.finish().map(\.message) == ["'port' must be 1 through 65535, got 0"])
    }

    @Test("Missing fields are reported in the order in which they are read")
    func missingFields() {
        let names = (1...20).map { "field_\($0)" }
        var fields = FieldReader(Node(.mapping([]), at: Location(source: "a.yaml")), unknownFields: .error)
        for name in names { let _: String = fields.required(name, "A text.") }
        #expect(fields.finish().map(\.message) == names.map { "missing field '\($0)': a text" })
    }

    @Test("A range that ends at the greatest value has no end in words")
    func ranges() {
        #expect((1...Int.max).inWords == "at least 1")
        #expect((Duration.zero ... .nanoseconds(Int64.max)).inWords == "at least 0s")
        #expect((ByteCount(1)...ByteCount.kibibytes(2)).inWords == "1 through 2KiB")
        #expect((5...5).inWords == "5")
    }

    @Test("Defaults are written as in a file")
    func written() {
        #expect(["a", ""].written == "[a, \"\"]")
        #expect(["b": 1, "a": 2].written == "{a: 2, b: 1}")
        #expect(2.0.written == "2")
        #expect(Double.infinity.written == "inf")
        #expect(0.25.written == "0.25")
    }
}
