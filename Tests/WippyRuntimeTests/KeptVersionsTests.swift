import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

@Suite("The versions that a registry keeps", .timeLimit(.minutes(15)))
struct KeptVersionsTests {
    private struct NumberKind: EntryKind {
        static let name: KindName = "test.number"
        static let summary = "Has a number."

        struct Config: EntryConfig {
            let value: Int
            init(from fields: inout FieldReader) { value = fields.required("value", "A number.") }
        }

        func offers(_ entry: Entry<Config>) -> [Offer<Int>] { [Offer(.keptNumber) { $0 }] }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Int> {
            .component(entry.config.value)
        }
    }

    private static func entry(_ value: Int) -> String { "  - {name: a, kind: test.number, value: \(value)}\n" }

    @Test("A plan that is taken back leaves them as they were, with the oldest one")
    func takenBack() async throws {
        let fixture = try RegistryFixture(Self.entry(1), kinds: [NumberKind()])
        let registry = fixture.registry
        let first = registry.current.plan
        let last = Registry.maxKeptVersions + 1
        try await fixture.run {
            for value in 2...last { _ = try await fixture.apply(Self.entry(value)) }
            #expect(registry.kept.map(\.number) == Array(2...last))
            let isTried = try await registry.trying(first, in: fixture.environment) {
                #expect(registry.kept.map(\.number) == Array(3...last + 1))
            }
            #expect(isTried && registry.kept.map(\.number) == Array(2...last) && registry.current.number == last)
            let change = try await fixture.apply(Self.entry(1))
            #expect(change.version == last + 1)
        }
    }
}

extension Contract where Offered == Int {
    fileprivate static var keptNumber: Self { Contract("a number") }
}
