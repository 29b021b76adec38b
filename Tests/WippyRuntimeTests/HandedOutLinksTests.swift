import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

/// The links that code outside of the plan asks a registry for.
@Suite("Links that a registry hands out", .timeLimit(.minutes(15)))
struct HandedOutLinksTests {
    private struct NumberKind: EntryKind {
        static let name: KindName = "test.number"
        static let summary = "A number."

        struct Config: EntryConfig {
            let value: Int
            init(from fields: inout FieldReader) { value = fields.optional("value", default: 1, "A number.") }
        }

        func offers(_ entry: Entry<Config>) -> [Offer<Int>] { [Offer(.number) { $0 }, Offer(.otherNumber) { -$0 }] }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Int> {
            .component(entry.config.value)
        }
    }

    private static func entries(_ names: String..., value: Int) -> String {
        names.map { "  - {name: \($0), kind: test.number, value: \(value)}\n" }.joined()
    }

    @Test("After many reloads the registry keeps the links that somebody holds, and no others")
    func bounded() async throws {
        let fixture = try RegistryFixture(Self.entries("held", "first0", value: 0), kinds: [NumberKind()])
        let registry = fixture.registry
        try await fixture.run {
            let held = try #require(registry.link(to: .app("held"), as: .number))
            for number in 1...50 {
                for contract in [Contract<Int>.number, .otherNumber] {
                    #expect(registry.link(to: .app("first\(number - 1)"), as: contract) != nil)
                }
                #expect(registry.links(as: .number).count == 2)
                _ = try await fixture.apply(Self.entries("held", "first\(number)", value: number))
                #expect(registry.handedOutCount == 1)
                #expect(held.target == number)
                #expect(registry.link(to: .app("held"), as: .number) === held)
            }
        }
    }

    @Test("A link that is held while its entry is away leads to the entry again when the entry comes back")
    func comesBack() async throws {
        let fixture = try RegistryFixture(Self.entries("kept", "left", value: 1), kinds: [NumberKind()])
        try await fixture.run {
            let link = try #require(fixture.registry.link(to: .app("left"), as: .number))
            _ = try await fixture.apply(Self.entries("kept", value: 2))
            #expect(fixture.registry.link(to: .app("left"), as: .number) == nil)
            #expect(link.target == 1)
            _ = try await fixture.apply(Self.entries("kept", "left", value: 3))
            #expect(link.target == 3)
        }
    }
}

extension Contract where Offered == Int {
    fileprivate static var number: Self { Contract("a number") }
    fileprivate static var otherNumber: Self { Contract("another number") }
}
