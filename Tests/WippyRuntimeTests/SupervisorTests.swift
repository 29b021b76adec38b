import Synchronization
import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

@Suite("The supervisor", .timeLimit(.minutes(15)))
struct SupervisorTests {
    private let journal = Journal()

    private func service(
        _ name: String, _ role: ServiceRole = .resource, needs: [String] = [], completed: [String] = [],
        policy: (inout LifecyclePolicy) -> Void = { _ in },
        script: @escaping @Sendable (Int, @Sendable () -> Void, StopSignal) async throws -> Void
    ) -> SupervisedService {
        let service = ScriptedService(name, journal, script: script)
        return .named(name, role, needs: needs, completed: completed, runs: service, policy: policy)
    }

    private func service(_ name: String, _ role: ServiceRole = .resource, needs: [String] = []) -> SupervisedService {
        .named(name, role, needs: needs, runs: ScriptedService(name, journal))
    }

    @Test("Services start by role and edge, and stop in reverse")
    func order() async throws {
        let fixture = try SupervisorFixture([
            service("web", .server), service("drain", .consumer), service("work", .process),
            service("disk"), service("db", needs: ["disk"]),
        ])
        let running = fixture.run()
        #expect(await fixture.supervisor.started())
        #expect(fixture.supervisor.states.values.allSatisfy { $0 == .running })
        fixture.supervisor.stop()
        try await running.value
        let expected = ["+disk", "+db", "+work", "+drain", "+web", "-web", "-drain", "-work", "-db", "-disk"]
        #expect(journal.events == expected)
        #expect(fixture.supervisor.stage == .ended)
    }

    @Test("A drain ends when the time of the last consumer that waits for it is up")
    func drainEndsInTime() async throws {
        let isOver = OneShotEvent()
        let queue = EndlessWork()
        let consumer = ScriptedService("jobs", journal) { _, ready, _ in
            ready()
            await withCheckedContinuation { continuation in
                let observation = isOver.onFire { continuation.resume() }
                withExtendedLifetime(observation) {}
            }
        }
        let fixture = try SupervisorFixture(
            [.named("jobs", .consumer, consumes: ["tasks"], runs: consumer) { $0.stopTimeout = .seconds(5) }],
            work: [.app("tasks"): queue])
        let running = fixture.run()
        #expect(await fixture.supervisor.started())
        fixture.supervisor.stop()
        try await eventually("the drain has begun") { queue.state == .draining }
        fixture.clock.advance(by: .seconds(5))
        try await eventually("the drain has ended") { queue.state == .ended }
        #expect(await fixture.reached("jobs", .stopping))
        #expect(fixture.supervisor.stage == .stopping)
        isOver.fire()
        try await running.value
    }

    @Test("A service that fails starts again after a delay that grows to its cap, and restarts are counted")
    func growingDelay() async throws {
        let fixture = try SupervisorFixture([
            service("job", .process) {
                $0.restart.maxDelay = .seconds(5)
            } script: { run, _, _ in
                if run <= 5 { throw ServiceFailure("run \(run)") }
            }
        ])
        let running = fixture.run()
        var delays: [Duration] = []
        for _ in 1...5 {
            if let delay = await fixture.passDelay(of: "job") { delays.append(delay) }
        }
        #expect(delays == [1, 2, 4, 5, 5].map { .seconds($0) })
        #expect(await fixture.reached("job", .finished))
        let restarts = fixture.metrics.counter(ServiceMetrics.restarts, of: .app("job")).value
        #expect(restarts == 5)
        fixture.supervisor.stop()
        try await running.value
        #expect(journal.overlaps == 0)
    }

    @Test("A stable run makes the next failure count as the first")
    func stableRun() async throws {
        let fail = OneShotEvent()
        let fixture = try SupervisorFixture([
            service("job", .process) { _ in
            } script: { run, ready, stop in
                if run == 3 {
                    ready()
                    await fail.wait()
                }
                if run <= 3 { throw ServiceFailure("run \(run)") }
                ready()
                await stop.wait()
            }
        ])
        let running = fixture.run()
        #expect(await fixture.passDelay(of: "job") == .seconds(1))
        #expect(await fixture.passDelay(of: "job") == .seconds(2))
        #expect(await fixture.reached("job", .running))
        fixture.clock.advance(by: .seconds(5))
        fail.fire()
        #expect(await fixture.passDelay(of: "job") == .seconds(1))
        #expect(await fixture.reached("job", .running))
        running.cancel()
        try await running.value
    }

    @Test("Intake opens when the migration has succeeded, and not before")
    func migration() async throws {
        let fixture = try SupervisorFixture([
            service("web", .server), service("db"),
            service("migrate", .process) { run, _, _ in
                if run < 3 { throw ServiceFailure("locked") }
            },
        ])
        let running = fixture.run()
        for _ in 1...2 {
            _ = await fixture.passDelay(of: "migrate")
        }
        #expect(await fixture.supervisor.started())
        #expect(journal.events.filter { $0.hasPrefix("+") } == ["+db", "+migrate", "+migrate", "+migrate", "+web"])
        fixture.supervisor.stop()
        try await running.value
    }

    @Test("A step of a change that is asked for while another one runs is interrupted, and the other one ends")
    func oneStepAtATime() async throws {
        let proceed = OneShotEvent()
        let fixture = try SupervisorFixture([
            service("db") { _, ready, _ in
                ready()
                await proceed.wait()
            }
        ])
        let running = fixture.run()
        #expect(await fixture.supervisor.started())
        async let first = fixture.supervisor.perform(.stop([0]))
        #expect(await fixture.reached("db", .stopping))
        #expect(await fixture.supervisor.perform(.conclude) == .interrupted)
        proceed.fire()
        #expect(await first == .done)
        fixture.supervisor.stop()
        try await running.value
    }

    @Test("What requires completion starts after the other has returned")
    func completion() async throws {
        let proceed = OneShotEvent()
        let fixture = try SupervisorFixture([
            service("migrate", .process) { _ in
            } script: { _, ready, _ in
                ready()
                await proceed.wait()
            },
            service("work", .process, completed: ["migrate"]) { _, ready, stop in
                ready()
                await stop.wait()
            },
        ])
        let running = fixture.run()
        #expect(await fixture.reached("migrate", .running))
        #expect(fixture.supervisor.states[.app("work")] == .waiting)
        proceed.fire()
        #expect(await fixture.supervisor.started())
        #expect(journal.events == ["+migrate", "-migrate", "+work"])
        fixture.supervisor.stop()
        try await running.value
    }

    @Test("A required service that fails for good ends the application in order, with a sentence that names it")
    func requiredFailure() async throws {
        let fixture = try SupervisorFixture([
            service("db"),
            service("web", .server) { _, _, _ in
                throw WippyError(.unavailable, "port 8080 is taken; stop what uses it", isRetryable: false)
            },
        ])
        let failure = await #expect(throws: RequiredServiceFailure.self) { try await fixture.supervisor.run() }
        #expect(
            failure?.description
                == "app:web is required and has failed: port 8080 is taken; stop what uses it")
        #expect(journal.events == ["+db", "+web", "-web", "-db"])
        #expect(fixture.supervisor.states[.app("db")] == .stopped)
    }

    @Test("An attempt that is late to be ready is cancelled, and the next begins when it has ended")
    func startTimeout() async throws {
        let end = OneShotEvent()
        let fixture = try SupervisorFixture([
            service("db") { _ in
            } script: { run, ready, stop in
                if run == 1 {
                    await stop.wait()
                    // The task is cancelled now, and this attempt takes its time to notice.
                    await Task { await end.wait() }.value
                    throw CancellationError()
                }
                ready()
                await stop.wait()
            }
        ])
        let running = fixture.run()
        #expect(await fixture.reached("db", .starting))
        fixture.clock.advance(by: .seconds(10))
        end.fire()
        #expect(await fixture.passDelay(of: "db") == .seconds(1))
        #expect(await fixture.reached("db", .running))
        #expect(journal.overlaps == 0)
        fixture.supervisor.stop()
        try await running.value
    }

    @Test("A service that ignores its cancellation is abandoned by name, and the others stop all the same")
    func abandoned() async throws {
        let release = OneShotEvent()
        let fixture = try SupervisorFixture([
            service("db"),
            service("web", .server) { _, ready, _ in
                ready()
                await Task { await release.wait() }.value
            },
        ])
        let running = fixture.run()
        #expect(await fixture.supervisor.started())
        fixture.supervisor.stop()
        #expect(await fixture.reached("web", .stopping))
        fixture.clock.advance(by: .seconds(28))
        let line = "app:web did not stop in time and is cancelled"
        try await eventually("the server is cancelled") { fixture.lines.contains(line) }
        fixture.clock.advance(by: .seconds(1))
        try await running.value
        #expect(fixture.lines.contains("app:web is abandoned: it still runs although it was cancelled"))
        #expect(fixture.supervisor.states == [.app("web"): .abandoned, .app("db"): .stopped])
        #expect(journal.live == 1)
        release.fire()
    }

    @Test("While something keeps the start waiting, a line says what")
    func progress() async throws {
        let fixture = try SupervisorFixture([
            service("migrate", .process) { _, _, stop in await stop.wait() }
        ])
        let running = fixture.run()
        #expect(await fixture.reached("migrate", .starting))
        for count in 1...3 {
            fixture.clock.advance(by: .seconds(5))
            try await eventually("a line says so") {
                fixture.lines.count { $0 == "still starting" } == count
            }
        }
        running.cancel()
        try await running.value
    }

    @Test("A stop before the start starts nothing, whether asked for or by a cancelled task", arguments: [false, true])
    func stopBeforeStart(byCancellation: Bool) async throws {
        let fixture = try SupervisorFixture([service("db")])
        if byCancellation {
            let begin = OneShotEvent()
            let running = Task { [supervisor = fixture.supervisor] in
                await begin.wait()
                try await supervisor.run()
            }
            running.cancel()
            try await running.value
        } else {
            fixture.supervisor.stop()
            try await fixture.supervisor.run()
        }
        #expect(journal.events.isEmpty)
        #expect(fixture.supervisor.states == [.app("db"): .stopped])
        #expect(await fixture.supervisor.started() == false)
    }

    @Test("A stop during the start ends what starts and begins nothing more; a second stop is harmless")
    func stopDuringStart() async throws {
        let fixture = try SupervisorFixture([
            service("db") { _, _, stop in await stop.wait() }, service("web", .server),
        ])
        let running = fixture.run()
        #expect(await fixture.reached("db", .starting))
        fixture.supervisor.stop()
        fixture.supervisor.stop()
        running.cancel()
        try await running.value
        fixture.supervisor.stop()
        #expect(journal.events == ["+db", "-db"])
    }

    @Test("A supervisor runs once")
    func runsOnce() async throws {
        let fixture = try SupervisorFixture([])
        fixture.supervisor.stop()
        try await fixture.supervisor.run()
        await #expect(throws: WippyError.self) { try await fixture.supervisor.run() }
    }

    @Test("A stream of stages ends with the application")
    func stages() async throws {
        let fixture = try SupervisorFixture([service("db")])
        let stages = fixture.supervisor.stages
        let running = fixture.run()
        #expect(await fixture.supervisor.started())
        fixture.supervisor.stop()
        try await running.value
        #expect(await all(of: stages) == [.idle, .starting, .started, .stopping, .ended])
        #expect(await all(of: fixture.supervisor.stages) == [.ended])
    }

    private func all<Element: Sendable>(of stream: AsyncStream<Element>) async -> [Element] {
        var elements: [Element] = []
        for await element in stream { elements.append(element) }
        return elements
    }

    @Test("A chain of 5,000 services starts in time that is linear in its length")
    func longChain() async throws {
        let services = (0..<5000).map { service("s\($0)", needs: $0 > 0 ? ["s\($0 - 1)"] : []) }
        let thread = OneThread()
        let fixture = try SupervisorFixture(services, on: thread)
        let running = fixture.run()
        #expect(await fixture.supervisor.started())
        let time = thread.processorTime
        fixture.supervisor.stop()
        try await running.value
        #expect(journal.live == 0)
        // Half a second in debug; quadratic it would be many times that, and so is this limit.
        #expect(time < .seconds(10))
    }
}

/// Work that is never done.
private final class EndlessWork: AcceptedWork {
    enum State { case idle, draining, ended }

    private let current = Mutex(State.idle)
    let nouns = WorkNouns(holder: "queue", units: "messages")
    let amount = 1

    var state: State { current.withLock { $0 } }

    func drain(until deadline: Duration) async -> Int {
        current.withLock { $0 = .draining }
        await OneShotEvent().wait()
        current.withLock { $0 = .ended }
        return 0
    }
}
