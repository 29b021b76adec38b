import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

/// Components whose `deinit` asks the registry, which must not hold a lock then.
@Suite("Components that a registry releases", .timeLimit(.minutes(15)))
struct ReleasedComponentsTests {
    final class Asking: Sendable {
        let value: Int
        private let registry: Link<Registry?>
        private let released: Link<[Int]>

        init(_ value: Int, _ registry: Link<Registry?>, noting released: Link<[Int]>) {
            (self.value, self.registry, self.released) = (value, registry, released)
        }

        deinit {
            if registry.target?.current.number != nil { released.replace(with: released.target + [value]) }
        }
    }

    private struct AskingKind: EntryKind {
        static let name: KindName = "test.asking"
        static let summary = "Asks the registry."

        let registry = Link<Registry?>(nil)
        let released = Link<[Int]>([])

        struct Config: EntryConfig {
            let value: Int
            init(from fields: inout FieldReader) { value = fields.optional("value", default: 1, "A number.") }
        }

        func offers(_ entry: Entry<Config>) -> [Offer<Asking>] { [Offer(.asking) { $0 }] }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Asking> {
            .component(Asking(entry.config.value, registry, noting: released))
        }
    }

    private static func entry(_ name: String, _ value: Int) -> String {
        "  - {name: \(name), kind: test.asking, value: \(value)}\n"
    }

    @Test("Those of the last run can ask it when the next run begins")
    func nextRun() throws {
        let kind = AskingKind()
        let fixture = try RegistryFixture(Self.entry("a", 1), kinds: [kind])
        kind.registry.replace(with: fixture.registry)
        defer { kind.registry.replace(with: nil) }
        _ = try fixture.registry.begin(fixture.registry.current.plan, in: fixture.environment)
        #expect(kind.released.target == [1])
    }

    @Test("Those that only a handed-out link has held can ask it when the link leads elsewhere")
    func handedOut() async throws {
        let kind = AskingKind()
        let fixture = try RegistryFixture(Self.entry("left", 1) + Self.entry("lost", 2), kinds: [kind])
        kind.registry.replace(with: fixture.registry)
        defer { kind.registry.replace(with: nil) }
        try await fixture.run {
            let held = try #require(fixture.registry.link(to: .app("left"), as: .asking))
            var dropped = fixture.registry.link(to: .app("lost"), as: .asking)
            _ = try await fixture.apply(Self.entry("other", 3))
            #expect((held.target.value, dropped?.target.value) == (1, 2))
            #expect(kind.released.target == [])
            dropped = nil
            _ = try await fixture.apply(Self.entry("left", 4))
            #expect(held.target.value == 4)
            try await eventually { kind.released.target.sorted() == [1, 2, 3] }
        }
    }
}

extension Contract where Offered == ReleasedComponentsTests.Asking {
    fileprivate static var asking: Self { Contract("an asking component") }
}
