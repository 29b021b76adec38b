import Synchronization
import Testing
import WippyDefinition
import WippyText

@testable import WippyRuntime

/// A reload that changes an entry of a kind that has marked the fields that change in place.
@Suite("Changes of marked fields", .timeLimit(.minutes(15)))
struct ChangesInPlaceTests {
    /// Takes every change for which it is asked.
    private struct PacedKind: EntryKind {
        static let name: KindName = "test.paced"
        static let summary = "Has a pace, which changes in place."
        static let role: ServiceRole? = .process
        let calls: Calls

        struct Config: EntryConfig {
            let size: Duration
            let word: String
            let pace: Int
            let note: String
            let most: Int?

            init(from fields: inout FieldReader) {
                size = fields.optional("size", default: .seconds(60), "A time that does not change in place.")
                word = fields.optional("words.word", default: "a", "A word that does not change in place.")
                (pace, note) = fields.inPlace { fields in
                    let pace = fields.optional("pace", default: 1, "A number that changes in place.")
                    return (pace, fields.optional("note", default: "", "A text that changes in place."))
                }
                let most: Int? = fields.optional("most", "A number that counts only with a large pace.")
                self.most = pace > 5 ? most : nil
            }
        }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> {
            calls.add("built")
            return .nothing
        }

        func update(
            _ built: Built<Never>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
        ) -> Update? {
            calls.add("updated")
            return Update(from: old.config.pace, to: entry.config.pace) { _ in }
        }
    }

    private final class Calls: Sendable {
        private let names = Mutex<[String]>([])

        func add(_ name: String) { names.withLock { $0.append(name) } }

        func taken() -> [String] {
            names.withLock { names in
                defer { names = [] }
                return names
            }
        }
    }

    /// The fields of an entry before and after a reload, and what the reload does.
    private struct Case: CustomTestStringConvertible {
        let before: String
        let after: String
        let calls: [String]

        init(_ before: String, _ after: String, _ calls: [String]) {
            (self.before, self.after, self.calls) = (before, after, calls)
        }

        var testDescription: String { "\(before) -> \(after)" }
    }

    private static let cases = [
        Case("pace: 2", "pace: 3", ["updated"]),
        Case("pace: 2", "note: b", ["updated"]),
        Case("size: 2s", "size: 3s", ["built"]),
        Case("size: 2s, pace: 2", "size: 3s, pace: 3", ["built"]),
        Case("words: {word: b}", "words: {word: c}, pace: 2", ["built"]),
        // Another way to write a value is no change.
        Case("size: 60s", "size: 1m, pace: 2", ["updated"]),
        Case("words: {word: b}", "words: {word: \"b\"}, pace: 2", ["updated"]),
        // A default that is written down is no change.
        Case("pace: 1", "size: 1m, words: {word: a}, pace: 2", ["updated"]),
        Case("size: 1m, words: {word: a}, pace: 2", "size: null, pace: 1", ["updated"]),
        // An entry whose fields are all the same is also updated.
        Case("pace: 2", "pace: 2, lifecycle: {start_timeout: 1m}", ["updated"]),
        Case("size: 2s", "size: 3s, lifecycle: {start_timeout: 1m}", ["built"]),
        // A field counts even if one of the two configs leaves it out.
        Case("pace: 6, most: 2", "pace: 1, most: 3", ["built"]),
        Case("pace: 1, most: 2", "pace: 6, most: 3", ["built"]),
        Case("pace: 1, most: 2", "pace: 6, most: 2", ["updated"]),
        // Both texts are the same characters.
        Case("words: {word: \"\\u00e9\"}", "words: {word: \"e\\u0301\"}", ["built"]),
    ]

    @Test("The kind is asked only if no other field has changed", arguments: cases)
    private func isAsked(_ test: Case) async throws {
        let calls = Calls()
        let entry = { (fields: String) in "  - {name: paced, kind: test.paced, \(fields)}\n" }
        let fixture = try RegistryFixture(entry(test.before), kinds: [PacedKind(calls: calls)])
        #expect(calls.taken() == ["built"])
        try await fixture.run {
            _ = try await fixture.apply(entry(test.after))
            #expect(calls.taken() == test.calls)
            _ = try await fixture.apply(entry(test.before))
            #expect(calls.taken() == test.calls, "the way back")
        }
    }
}
