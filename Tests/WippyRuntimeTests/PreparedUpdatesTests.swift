import Synchronization
import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

/// A reload whose entries change in place after preparations that take time.
@Suite("Preparations of updates", .timeLimit(.minutes(15)))
struct PreparedUpdatesTests {
    /// What the preparations do, and what has been called.
    private final class Preparations: Sendable {
        struct Calls: Equatable {
            var prepared: Set<String> = []
            var applied: Set<String> = []
            var takenBack: Set<String> = []
            var finished: Set<String> = []
        }

        private let state = Mutex(Calls())
        /// Ends the preparations that wait.
        let gate = OneShotEvent()
        let manners: [String: Manner]

        init(_ manners: [String: Manner]) { self.manners = manners }

        var calls: Calls { state.withLock { $0 } }

        func note(_ name: String, _ list: any WritableKeyPath<Calls, Set<String>> & Sendable) {
            state.withLock { _ = $0[keyPath: list].insert(name) }
        }

        func prepare(_ name: String) async throws {
            note(name, \.prepared)
            switch manners[name] {
            case .fails?: throw WippyError(.unavailable, "\(name) has no file")
            case .waits?: await gate.wait()
            case .goesOn?: await Task { await gate.wait() }.value
            case nil: break
            }
            try Task.checkCancellation()
        }
    }

    private enum Manner {
        case fails
        /// The preparation waits until the gate opens or its task is cancelled.
        case waits
        /// The preparation waits until the gate opens.
        case goesOn
    }

    private struct PreparedKind: EntryKind {
        static let name: KindName = "test.prepared"
        static let summary = "Changes in place after a preparation."
        let preparations: Preparations

        struct Config: EntryConfig {
            let value: Int
            init(from fields: inout FieldReader) { value = fields.optional("value", default: 1, "A number.") }
        }

        func offers(_ entry: Entry<Config>) -> [Offer<Int>] { [] }

        func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Int> {
            .component(entry.config.value)
        }

        func update(
            _ built: Built<Int>, from old: Entry<Config>, to entry: Entry<Config>, with context: BuildContext
        ) -> Update? {
            let (name, preparations) = (entry.id.name, preparations)
            return Update {
                try await preparations.prepare(name)
            } apply: {
                preparations.note(name, \.applied)
            } takeBack: {
                preparations.note(name, \.takenBack)
            } finish: {
                preparations.note(name, \.finished)
            }
        }
    }

    private static let all: Set = ["a", "b", "c"]

    private static func entries(_ value: Int) -> String {
        all.sorted().map { "  - {name: \($0), kind: test.prepared, value: \(value)}\n" }.joined()
    }

    private static func fixture(
        _ preparations: Preparations, clock: AdvanceableClock = AdvanceableClock()
    ) throws -> RegistryFixture {
        try RegistryFixture(entries(1), kinds: [PreparedKind(preparations: preparations)], clock: clock)
    }

    @Test("All preparations run at once, and then all updates are applied")
    func sideBySide() async throws {
        let preparations = Preparations(["a": .waits, "b": .waits, "c": .waits])
        let fixture = try Self.fixture(preparations)
        try await fixture.run {
            async let change = fixture.apply(Self.entries(2))
            try await eventually("all have begun") { preparations.calls.prepared == Self.all }
            #expect(preparations.calls.applied == [])
            preparations.gate.fire()
            #expect(try await change.outcome == .applied)
            let calls = preparations.calls
            #expect(calls.applied == Self.all && calls.finished == Self.all && calls.takenBack == [])
        }
    }

    @Test("A reload tells the reason of each entry that cannot change, in order of id, and changes none")
    func failures() async throws {
        let clock = AdvanceableClock()
        let preparations = Preparations(["a": .waits, "c": .fails])
        let fixture = try Self.fixture(preparations, clock: clock)
        try await fixture.run {
            async let change = fixture.apply(Self.entries(2))
            try await eventually("the time of a preparation counts") {
                preparations.calls.prepared == Self.all && !clock.deadlines.isEmpty
            }
            clock.advance(by: .seconds(31))
            let reasons = "app:a: it could not change within 30s; app:c: c has no file"
            #expect(try await change.outcome == .refused(reasons))
            #expect(preparations.calls == .init(prepared: Self.all, finished: Self.all))
            #expect(fixture.registry.current.number == 1)
        }
    }

    @Test("Preparations that take too long take no longer together than one of them")
    func together() async throws {
        let clock = AdvanceableClock()
        let preparations = Preparations(["a": .waits, "b": .waits, "c": .waits])
        let fixture = try Self.fixture(preparations, clock: clock)
        try await fixture.run {
            async let change = fixture.apply(Self.entries(2))
            try await eventually("the time of all preparations counts") {
                preparations.calls.prepared == Self.all && clock.deadlines.count == 3
            }
            clock.advance(by: .seconds(31))
            let reasons = Self.all.sorted().map { "app:\($0): it could not change within 30s" }
            #expect(try await change.outcome == .refused(reasons.joined(separator: "; ")))
        }
    }

    @Test("What a preparation has made is dropped after it, even if the reload has not waited for it")
    func abandoned() async throws {
        let clock = AdvanceableClock()
        let preparations = Preparations(["a": .goesOn, "b": .goesOn, "c": .goesOn])
        let fixture = try Self.fixture(preparations, clock: clock)
        try await fixture.run {
            async let change = fixture.apply(Self.entries(2))
            try await eventually("the time of all preparations counts") {
                preparations.calls.prepared == Self.all && clock.deadlines.count == 3
            }
            let limit = try #require(clock.deadlines.last)
            clock.advance(by: .seconds(31))
            try await eventually("the time after the cancellation counts") {
                clock.deadlines.count { $0 > limit } == 3
            }
            clock.advance(by: .seconds(31))
            let reasons = Self.all.sorted().map {
                "app:\($0): it could not change within 30s, and its preparation goes on although it was cancelled"
            }
            #expect(try await change.outcome == .refused(reasons.joined(separator: "; ")))
            #expect(preparations.calls == .init(prepared: Self.all))
            preparations.gate.fire()
            try await eventually("the updates have ended") { preparations.calls.finished == Self.all }
            #expect(preparations.calls == .init(prepared: Self.all, finished: Self.all))
        }
    }

    @Test("A reload that is cancelled ends its preparations, gives back what they have made, and changes nothing")
    func cancelled() async throws {
        let preparations = Preparations(["a": .waits, "b": .waits])
        let fixture = try Self.fixture(preparations)
        try await fixture.run {
            try await withThrowingTaskGroup(of: PlanChange.self) { group in
                group.addTask { try await fixture.apply(Self.entries(2)) }
                try await eventually("all have begun") { preparations.calls.prepared == Self.all }
                group.cancelAll()
                guard case .refused? = try await group.next()?.outcome else {
                    Issue.record("the plan is not refused")
                    return
                }
            }
            #expect(preparations.calls == .init(prepared: Self.all, finished: Self.all))
        }
    }
}
