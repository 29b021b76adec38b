import Testing
import WippyDefinition
import WippyValues

@testable import WippyManual

/// The expressions of the schema of definition files, beside what reads the same texts.
@Suite("Patterns of the schema")
struct SchemaPatternTests {
    @Test("The digits of a range are its numbers and no others", arguments: [(0, 7), (1, 1000), (34, 1200), (7, 7)])
    func digits(_ lowest: Int64, _ highest: Int64) throws {
        let pattern = try Regex("^(\(try #require(SchemaPatterns.digits(from: lowest, through: highest))))$")
        for number in 0...(highest * 11) {
            let isIn = (lowest...highest).contains(number)
            #expect((try pattern.firstMatch(in: "\(number)") != nil) == isIn, "\(number)")
        }
        #expect(SchemaPatterns.digits(from: 5, through: 4) == nil)
        #expect(SchemaPatterns.digits(from: 1, through: .max) != nil)
    }

    @Test("A size has the form that its pattern says if it can be read and is in the range")
    func sizes() throws {
        let range = ByteCount.kibibytes(1)...ByteCount.mebibytes(1)
        try compare(
            SchemaPatterns.sizes(in: range),
            [
                "1KiB", "1023", "1024", "1048576", "1048577", "1MiB", "2MiB", "1MB", "1 GB", "01 kB", "2 kB", "1.5MiB",
                "", "B",
            ]
        ) { (try? ByteCount(reading: $0)).map(range.contains) ?? false }
        try compare(SchemaPatterns.sizes(in: ByteCount.all), ["0", "5TiB", "5GiB", "-1", "7 B"]) {
            (try? ByteCount(reading: $0)) != nil
        }
    }

    @Test("A duration has the form that its pattern says if it can be read and, in one part, is in the range")
    func durations() throws {
        let range = Duration.milliseconds(1)...Duration.seconds(86_400)
        try compare(
            SchemaPatterns.durations(in: range),
            [
                "1ms", "999us", "1000us", "0.5s", ".5s", "0s", "0", "1m30s", "24h", "25h", "86400s", "86401s", "+5s",
                "-5s",
                "5", "5d", "s", "", "1 s", "1.s", "5\u{b5}s", "5000\u{3bc}s",
            ]
        ) { (try? Duration(reading: $0)).map(range.contains) ?? false }
        try compare(SchemaPatterns.durations(in: Duration.all), ["0", "-1.5h", "9000h", "x", "1h1", "-0"]) {
            (try? Duration(reading: $0)) != nil
        }
    }

    private func compare(_ pattern: String, _ texts: [String], isRead: (Node) -> Bool) throws {
        let pattern = try Regex(pattern)
        for text in texts {
            let node = Node(.scalar(Scalar(text, style: .quoted)), at: Location(source: "test"))
            #expect((try pattern.firstMatch(in: text) != nil) == isRead(node), "\(text)")
        }
    }
}
