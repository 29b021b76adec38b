import Foundation
import Synchronization
import Testing
import Wippy
import WippyTesting

/// The suite for kinds of entries, over the standard kinds and over kinds with a flaw.
@Suite("Conformance of kinds", .timeLimit(.minutes(15)))
struct KindConformanceTests {
    private static let standard = KindCatalog(.standard)

    /// The text of an entry.
    private struct Part {
        let text: String
        let name: String
        let kind: String
        /// The words that are neither the kind nor the names of fields, among them the names of other entries.
        let words: Set<String>

        init(_ text: String) throws {
            self.text = text
            name = String(try #require(text.firstMatch(of: /name: (\w+)/)).1)
            kind = String(try #require(text.firstMatch(of: /kind: ([\w.]+)/)).1)
            words = Self.words(of: text.replacing(/kind: [\w.]+/, with: ""))
        }

        static func words(of text: String) -> Set<String> {
            Set(text.matches(of: /\w+\b(?!:)/).map { String($0.output) })
        }

        func isNamed(by words: Set<String>) -> Bool {
            words.contains(name) || name.hasPrefix("other_") && words.contains(String(name.dropFirst(6)))
        }
    }

    /// An entry of each kind, and the others that it can name instead.
    private static let parts = Result {
        try ChangedFieldsTests.index.components(separatedBy: "\n  - ").dropFirst().map { try Part($0) }
    }

    /// The definitions of an entry and of those that it or its changes name, with their files in a folder.
    ///
    /// The suite reads them for each change, so that all entries would take long.
    private static func definitions(of entry: String, _ changes: [String], in folder: String) throws -> String {
        try "".write(toFile: "\(folder)/a.env", atomically: true, encoding: .utf8)
        var words = Part.words(of: "\(entry) \(changes.joined(separator: " "))")
        var (kept, others) = ([Part](), try parts.get())
        while let next = others.firstIndex(where: { $0.isNamed(by: words) }) {
            let part = others.remove(at: next)
            words.formUnion(part.words)
            kept.append(part)
        }
        return "namespace: app\nentries:\n"
            + kept.map { "  - \($0.text)\n" }.joined().replacing("file: ", with: "file: \(folder)/")
            .replacing("file_path: ", with: "file_path: \(folder)/")
    }

    @Test("Each standard kind", arguments: standard.names)
    func standardKind(_ name: String) async throws {
        let kind = try #require(Self.standard[name])
        let part = try #require(
            try Self.parts.get().first { $0.kind == name && !$0.name.hasPrefix("other_") },
            "add an entry of the kind '\(name)' to the samples of ChangedFieldsTests, because it needs some fields")
        let fields = Self.standard.manual.first { $0.name == name }?.fields ?? []
        // A storage must find its file, and the other file is not in the folder.
        let changes = fields.filter { $0.path != "file_path" }
            .compactMap { ChangedFieldsTests.given(to: $0, of: part.name) }
        let untested = try await Self.check(kind, part.name, changes)
        #expect(untested == Self.untested[name] ?? [])
    }

    /// The fields that have no other value in the entry, and one that only says to others what a script uses.
    private static let untested = [
        "env.storage.file": ["file_path"], "function.lua": ["uses"], "process.lua": ["uses"],
        "queue.schedule": ["every"],
    ]

    private static func check(_ kind: some EntryKind, _ name: String, _ changes: [String]) async throws -> [String] {
        let entry = EntryID(namespace: "app", name: name)
        return try await KindConformance(kind, entry: entry, changes: changes, handlers: ChangedFieldsTests.handlers) {
            try definitions(of: name, changes, in: $0)
        }.check()
    }

    @Test("A kind that breaks the contract is found out", arguments: FlawedKind.Flaw.allCases)
    func flawedKind(_ flaw: FlawedKind.Flaw) async throws {
        let entry = EntryID(namespace: "app", name: "word")
        let broken = await #expect(throws: BrokenRule.self) {
            try await ChosenRules.containing(flaw.rawValue) {
                try await KindConformance(FlawedKind(flaw: flaw), entry: entry, changes: ["text=b"]) { folder in
                    "namespace: app\nentries:\n  - {name: word, kind: test.word, text: a, folder: \(folder)}\n"
                }.check()
            }
        }
        #expect(broken?.rule.contains(flaw.rawValue) == true, "\(String(describing: broken))")
    }

    @Test("A kind that says that it changes in place, and does not, is found out")
    func boastingKind() async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await KindConformance(
                BoastingKind(), entry: EntryID(namespace: "app", name: "word"), changes: ["text=b"]
            ) { _ in "namespace: app\nentries: [{name: word, kind: test.boast, text: a}]\n" }.check()
        }
        #expect(broken?.rule == "If it has only 'whenChanged', it takes a change in place")
    }

    @Test("It tests changes that nobody gave it, and names the fields for which it finds none")
    func findsChanges() async throws {
        #expect(try await Self.untested(of: PacedKind(flaw: nil), []) == ["note"])
        #expect(try await Self.untested(of: PacedKind(flaw: nil), ["note=a"]) == [])
    }

    @Test("A kind whose update breaks the contract is found out", arguments: PacedKind.Flaw.allCases)
    func flawedUpdate(_ flaw: PacedKind.Flaw) async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await Self.untested(of: PacedKind(flaw: flaw), [])
        }
        #expect(broken?.problem == flaw.rawValue)
    }

    private static func untested(of kind: PacedKind, _ changes: [String]) async throws -> [String] {
        try await KindConformance(kind, entry: EntryID(namespace: "app", name: "paced"), changes: changes) { _ in
            "namespace: app\nentries: [{name: paced, kind: test.paced}]\n"
        }.check()
    }

    @Test("A kind of queues that does not offer the messages as accepted work is found out")
    func forgetfulKind() async throws {
        let broken = await #expect(throws: BrokenRule.self) {
            try await KindConformance(ForgetfulKind(), entry: EntryID(namespace: "app", name: "tasks")) { _ in
                "namespace: app\nentries: [{name: tasks, kind: test.queue}]\n"
            }.check()
        }
        #expect(broken?.rule == "If its entry is a queue, it also offers the messages as accepted work")
    }
}

/// A kind of queues that forgets a contract.
private struct ForgetfulKind: EntryKind {
    typealias Config = NoConfig

    static let name: KindName = "test.queue"
    static let summary = "Keeps messages."

    func offers(_ entry: Entry<NoConfig>) -> [Offer<StandInQueue>] { [Offer(.queue) { $0 }] }

    func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<StandInQueue> {
        .component(StandInQueue())
    }
}

/// A kind whose pace changes in place, and whose update may have a flaw.
struct PacedKind: EntryKind {
    /// A flaw, with the problem that the suite must report.
    enum Flaw: String, CaseIterable {
        case appliesNothing = "after pace=2, 'service.pace.target' must be 2, got 1"
        case takesNothingBack = "after taking back the change from pace=2 back, 'service.pace.target' must be 2, got 1"
        case hasNoWayBack = "pace=2 changes in place, and the change back does not"
    }

    static let name: KindName = "test.paced"
    static let summary = "Does nothing, at a pace."
    static let role: ServiceRole? = .process

    let flaw: Flaw?

    struct Config: EntryConfig {
        let pace: Int
        let size: Int
        let note: String

        init(from fields: inout FieldReader) {
            pace = fields.inPlace { $0.optional("pace", default: 1, "The pace.") }
            size = fields.optional("size", default: 1, "A size.")
            note = fields.optional("note", default: "", "A note.")
        }
    }

    private struct Service: ManagedService {
        let pace: Link<Int>

        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
            ready()
            await stop.wait()
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> {
        .service(Service(pace: Link(entry.config.pace)))
    }

    func update(
        _ built: Built<Never>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) -> Update? {
        let (before, after) = (old.config, entry.config)
        guard let service = built.service as? Service, after.pace > before.pace || flaw != .hasNoWayBack
        else { return nil }
        return Update {
            if flaw != .appliesNothing { service.pace.replace(with: after.pace) }
        } takeBack: {
            if flaw != .takesNothingBack { service.pace.replace(with: before.pace) }
        }
    }
}

/// A kind that says that it changes in place, and is always built anew.
private struct BoastingKind: EntryKind {
    static let name: KindName = "test.boast"
    static let summary = "A word."
    static let whenChanged: String? = "`text` changes in place."

    struct Config: EntryConfig {
        let text: String

        init(from fields: inout FieldReader) { text = fields.optional("text", default: "", "The word.") }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> { .nothing }
}

/// A kind that breaks one of the rules.
struct FlawedKind: EntryKind {
    enum Flaw: String, CaseIterable {
        case hasNoHelp = "describes itself"
        case needsAll = "can be left out"
        case misstatesDefault = "default of a field"
        case readsOtherwise = "Another reading"
        case writesFile = "makes no file"
        case forgetsField = "with a changed field"
        case hidesMetric = "in the 'metrics' of a kind"
        case changesSilently = "if, and only if, it reads the field by 'inPlace'"
        case boastsOfField = "only if, it reads the field by 'inPlace'"
    }

    static let name: KindName = "test.word"
    static let summary = "A word."
    private static let readings = Atomic(0)

    let flaw: Flaw

    struct Config: Sendable, Equatable {
        let text: String
        let folder: String
        let size: Int?
        let reading: Int
    }

    func config(from fields: inout FieldReader, in program: Program) -> Config {
        let help = flaw == .hasNoHelp ? "" : "The word."
        let text =
            flaw == .boastsOfField
            ? fields.inPlace { $0.optional("text", default: "", help) } : fields.optional("text", default: "", help)
        let folder = fields.optional("folder", default: "", "Where a flawed kind writes.")
        if flaw == .needsAll, text.isEmpty { fields.reject("text", "is missing") }
        let size: Int? = fields.custom(
            "size", form: .integer(in: 1...9), default: flaw == .misstatesDefault ? nil : 5, written: "5", "A size."
        ) { node, _ throws(FieldProblem) in try Int(reading: node) }
        let reading = flaw == .readsOtherwise ? Self.readings.add(1, ordering: .relaxed).newValue : 0
        return Config(text: flaw == .forgetsField ? "" : text, folder: folder, size: size, reading: reading)
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> {
        if flaw == .hidesMetric {
            context.environment.metrics.counter(
                Metric("words.built", of: "a word", unit: "words", "The words."), of: entry.id
            ).add()
        }
        if flaw == .writesFile { _ = mkdir("\(entry.config.folder)/built", 0o700) }
        return .nothing
    }

    func update(
        _ built: Built<Never>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
    ) -> Update? {
        flaw == .changesSilently
            ? Update {
            } takeBack: {
            } : nil
    }
}
