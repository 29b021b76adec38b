import Synchronization
import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

@Suite("Code around what entries offer", .timeLimit(.minutes(15)))
struct OfferWrapperTests {
    /// A kind that takes a changed value in place only if it is even.
    private struct NumberKind: EntryKind {
        static let name: KindName = "test.number"
        static let summary = "Has a number."

        struct Config: EntryConfig {
            let value: Int
            init(from fields: inout FieldReader) { value = fields.required("value", "A number.") }
        }

        /// The component that the entry had at the last build.
        let inForce = Link<Int?>(nil)

        func offers(_ entry: Entry<Config>) -> [Offer<Int>] {
            [Offer(.plain) { $0 }, Offer(.words, of: .plain) { "\($0)" }, Offer(.other) { $0 }]
        }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Int> {
            let own = context.componentInForce(as: .plain)
            inForce.replace(with: own)
            return .component(entry.config.value)
        }

        func update(
            _ built: Built<Int>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
        ) -> Update? {
            entry.config.value.isMultiple(of: 2) ? Update({}, takeBack: {}) : nil
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        let description = "it is not wanted"
    }

    private static let id = EntryID(namespace: "app", name: "a")

    private static func entry(_ value: Int) -> String { "  - {name: a, kind: test.number, value: \(value)}\n" }

    @Test("All wrappers of a contract hold, in the order of the list, and no other contract is touched")
    func order() throws {
        let seen = Mutex<[EntryID]>([])
        let fixture = try RegistryFixture(
            Self.entry(1),
            kinds: [
                OfferWrapper(.plain) { number, _ in number + 4 }, NumberKind(),
                OfferWrapper(.plain) { number, context in
                    seen.withLock { $0.append(context.id) }
                    return number * 10
                },
            ])
        #expect(fixture.registry.link(to: Self.id, as: .plain)?.target == 50)
        #expect(fixture.registry.link(to: Self.id, as: .words)?.target == "50")
        #expect(fixture.registry.link(to: Self.id, as: .other)?.target == 1)
        #expect(seen.withLock { $0 } == [Self.id])
    }

    @Test("A wrapper stays while its entry changes in place, and a kind finds its own component behind it")
    func reloads() async throws {
        let (kind, calls) = (NumberKind(), Counter())
        let wrapper = OfferWrapper(.plain) { number, _ in
            calls.add()
            return number + 100
        }
        let fixture = try RegistryFixture(Self.entry(1), kinds: [kind, wrapper])
        try await fixture.run {
            _ = try await fixture.apply(Self.entry(2))
            #expect(calls.value == 1 && fixture.registry.link(to: Self.id, as: .plain)?.target == 101)
            _ = try await fixture.apply(Self.entry(3))
            #expect(calls.value == 2 && fixture.registry.link(to: Self.id, as: .plain)?.target == 103)
            #expect(kind.inForce.target == 1)
        }
    }

    @Test("The error of a wrapper is an error of the entry")
    func failure() throws {
        let wrapper = OfferWrapper(.plain) { _, _ in throw Refused() }
        let error = #expect(throws: BuildErrors.self) {
            try RegistryFixture(Self.entry(1), kinds: [NumberKind(), wrapper])
        }
        #expect(error.map { "\($0)" }?.contains("app:a: it is not wanted") == true, "\(String(describing: error))")
    }
}

extension Contract where Offered == Int {
    fileprivate static var plain: Self { Contract("a plain number") }
    fileprivate static var other: Self { Contract("another number") }
}

extension Contract where Offered == String {
    fileprivate static var words: Self { Contract("words") }
}
