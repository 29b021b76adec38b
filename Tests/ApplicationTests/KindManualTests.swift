import Testing
import Wippy
import WippyManual

/// The manual of the kinds of a program that brings more along than the standard ones.
@Suite("The manual of a program's kinds")
struct KindManualTests {
    private struct Greet: FunctionHandler {
        struct Config: EntryConfig {
            init(from fields: inout FieldReader) {
                _ = fields.optional("greeting", default: "Hello | Hi", "The greeting.")
            }
        }

        init(_ context: HandlerContext) {}
        func call(_ input: Int) -> Int { input }
    }

    private struct Stamp: Middleware {
        struct Options: EntryConfig {
            init(from fields: inout FieldReader) { _ = fields.optional("stamp.text", default: "seen", "What is said.") }
        }

        static let name: ExactText = "stamp"
        static let metrics = [
            Metric<Counter>("stamp.answers", of: "a router", unit: "answers", "Stamped answers.").description
        ]
        init(_ options: Options) {}
    }

    private struct ClockKind: EntryKind {
        static let name: KindName = "own.clock"
        static let summary = "Tells the time."
        static let role: ServiceRole? = .process
        static let whenChanged: String? = "It goes on."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    /// A kind with some fields that change in place, and some that do not.
    private struct MarkedKind: EntryKind {
        static let name: KindName = "own.marked"
        static let summary = "Has fields."
        static let whenBuiltAnew: String? = "That takes a while."
        let inPlace: Int
        let anew: Int

        func config(from fields: inout FieldReader, in program: Program) -> NoConfig {
            for number in 0..<anew { _ = fields.optional("anew\(number)", default: 1, "A number.") }
            fields.inPlace { fields in
                for number in 0..<inPlace { _ = fields.optional("kept\(number)", default: 1, "A number.") }
                fields.ignored("older", because: "it is old")
            }
            return NoConfig()
        }

        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    @Test(
        "It names the fields that change in place, or those that do not, if they are fewer",
        arguments: [
            (0, 2, "That takes a while."),
            (2, 0, "Every field changes in place. That takes a while."),
            (
                1, 1,
                "Every field except `anew0` changes in place. With another `anew0` the entry is built anew. That takes "
                    + "a while."
            ),
            (
                3, 3,
                "Every field except `anew0`, `anew1` and `anew2` changes in place. If one of these changes, the entry "
                    + "is built anew. That takes a while."
            ),
            (
                1, 2,
                "`kept0` changes in place. After any other change the entry is built anew. That takes a while."
            ),
            (
                2, 3,
                "`kept0` and `kept1` change in place. After any other change the entry is built anew. That takes a "
                    + "while."
            ),
        ])
    func changes(inPlace: Int, anew: Int, sentence: String) {
        let catalog = KindCatalog([MarkedKind(inPlace: inPlace, anew: anew)])
        #expect(catalog.manual.map(\.effectOfReload) == [sentence])
    }

    private let manual = KindManual(
        of: Program(
            handlers: HandlerTable([Greet.self]),
            kinds: KindCatalog(.standard(middleware: [Stamp.self]) + [ClockKind()])))

    private func page(of kind: String) throws -> String {
        manual.page(of: try #require(manual.kinds.first { $0.name == kind }))
    }

    @Test("It has the program's own kinds, and what an addition is for is no kind")
    func kinds() throws {
        #expect(manual.index.contains("| [`own.clock`](own.clock.md) | Tells the time. |"))
        #expect(manual.kinds.count == KindCatalog(.standard).all.count + 1)
        #expect(
            try page(of: "own.clock") == """
                # own.clock

                For whoever declares an entry of the kind `own.clock`.

                Tells the time.

                Each entry has a service with the role [process](lifecycle.md#ranks), and can have the \
                [`lifecycle`](lifecycle.md) block.

                When a [reload](lifecycle.md#changed-entries) changes the entry: It goes on.

                The kind has no fields of its own.

                """)
        #expect(manual.lifecycle.contains("| 2 | process | `own.clock`, `process.service` |"))
        #expect(manual.lifecycle.contains("| `own.clock` | It goes on. |"))
    }

    @Test("It has the metrics of the program's middleware, among those of routers and among all")
    func metrics() throws {
        let row = "| `stamp.answers` | counter | answers | a router | Stamped answers. |"
        #expect(try page(of: "http.router").contains(row))
        #expect(manual.metrics.contains(row))
    }

    private struct OwnDriverKind: QueueDriverKind {
        static let name: KindName = "queue.driver.own"
        static let summary = "Keeps messages."

        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }

        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<OwnDriver> { .component(OwnDriver()) }
    }

    private struct OwnDriver: UnusedDriver {
        static let queueFieldsBuiltAnew: [QueueField<Shards>]? = [
            .name, .setting("codec") { $0.codec }, .option("shards") { $0.shards },
        ]
    }

    @Test("The page of queues names what each driver cannot change in place, and the lifecycle page has it too")
    func notesOfDrivers() throws {
        let manual = KindManual(of: Program(kinds: KindCatalog(.standard + [OwnDriverKind()])))
        let queue = try #require(manual.kinds.first { $0.name == "queue.queue" })
        let note =
            "another `queue.driver.memory`. With a `queue.driver.own`, every field except `queue_name`, `codec` and "
            + "`driver_options.own.shards` changes in place, `driver` only if it names another `queue.driver.own`. "
            + "With a `queue.driver.sql`, "
        #expect(manual.page(of: queue).contains(note))
        #expect(manual.lifecycle.contains(note))
    }

    struct MisspellingDriverKind: QueueDriverKind {
        static let name: KindName = "queue.driver.misspelling"
        static let summary = "Keeps messages."

        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }

        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<MisspellingDriver> {
            .component(MisspellingDriver())
        }
    }

    struct MisspellingDriver: UnusedDriver {
        static let queueFieldsBuiltAnew: [QueueField<Shards>]? = [
            .driver, .name, .setting("retry") { $0.retry }, .setting("codecs") { $0.codec },
            .option("shard") { $0.shards }, .option("colour") { $0.shards },
        ]
    }

    @Test("A driver that names a field that no queue has is a mistake of the list")
    func misspeltFields() {
        func mistake(_ field: String, _ suggestion: String) -> String {
            "kinds: error: the queue driver 'misspelling' (ApplicationTests.KindManualTests.MisspellingDriverKind) names "
                + "the field '\(field)' in 'queueFieldsBuiltAnew', but a queue has no such field\(suggestion)"
        }
        #expect(
            KindCatalog(.standard + [MisspellingDriverKind()]).mistakes.map(\.description) == [
                mistake("codecs", "; did you mean 'codec'?"),
                mistake(
                    "driver_options.misspelling.shard", "; did you mean 'driver_options.misspelling.shards'?"),
                mistake("driver_options.misspelling.colour", ""),
            ])
        #expect(KindCatalog(.standard + [OwnDriverKind()]).mistakes.isEmpty)
    }

    @Test("It has the options of the program's middleware, and the configuration of its handlers")
    func fields() throws {
        #expect(try page(of: "http.router").contains("| `options.stamp.text` | a string | `seen` | What is said. |"))
        let row = #"| `config.greeting`, where `handler` is `Greet` | a string | `"Hello \| Hi"` | The greeting. |"#
        #expect(try page(of: "function.swift").contains(row))
    }
}

/// The options of a driver that makes no queues.
struct Shards: EntryConfig {
    let shards: Int
    init(from fields: inout FieldReader) { shards = fields.optional("shards", default: 1, "A number.") }
}

/// A driver for a page or a list, which need no queues.
protocol UnusedDriver: QueueDriver where Options == Shards, Queue == TableQueue {}

extension UnusedDriver {
    func makeQueue(_ id: EntryID, settings: QueueSettings, options: Shards, deadLetters: DeadLetters?) throws
        -> TableQueue
    {
        throw WippyError(.unavailable, "it makes no queues")
    }
}
