import Testing
import Wippy

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

    private let manual = KindManual(
        of: Program(
            handlers: HandlerTable([Greet.self]),
            kinds: KindCatalog(.standard + [ClockKind(), MiddlewarePart<Stamp>()])))

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

    @Test("It has the options of the program's middleware, and the configuration of its handlers")
    func fields() throws {
        #expect(try page(of: "http.router").contains("| `options.stamp.text` | a string | `seen` | What is said. |"))
        let row = #"| `config.greeting`, where `handler` is `Greet` | a string | `Hello \| Hi` | The greeting. |"#
        #expect(try page(of: "function.swift").contains(row))
    }
}
