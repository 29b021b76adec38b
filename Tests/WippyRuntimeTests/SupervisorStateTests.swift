import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

@Suite("The supervisor's state: starting and failing")
struct SupervisorStateTests {
    /// The phase (a row) in which each event (a column) leaves a service.
    private static let transitions = """
        from       ready      finished   failed     permanent  time       stop
        idle       idle       idle       idle       idle       idle       idle
        waiting    waiting    waiting    waiting    waiting    waiting    stopped
        starting   running    finished   failed     exhausted  overdue    stopping
        overdue    overdue    failed     failed     failed     overdue    cancelled
        running    running    finished   failed     exhausted  running    stopping
        failed     failed     failed     failed     failed     starting   stopped
        stopping   stopping   stopped    stopped    stopped    cancelled  stopping
        cancelled  cancelled  stopped    stopped    stopped    abandoned  cancelled
        stopped    stopped    stopped    stopped    stopped    stopped    stopped
        finished   finished   finished   finished   finished   finished   finished
        exhausted  exhausted  exhausted  exhausted  exhausted  exhausted  exhausted
        abandoned  abandoned  abandoned  abandoned  abandoned  abandoned  abandoned
        """.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }

    @Test("Every event leaves every phase in the phase that the table says", arguments: transitions.dropFirst())
    func transition(row: [String]) throws {
        for (event, expected) in zip(Self.transitions[0], row).dropFirst() {
            var scenario = try Self.scenario(in: row[0])
            try #require(Self.name(of: scenario.phase("subject")) == row[0])
            switch event {
            case "ready": _ = scenario.ready("subject")
            case "finished": _ = scenario.finish("subject")
            case "failed": _ = scenario.fail("subject")
            case "permanent": _ = scenario.fail("subject", isPermanent: true)
            case "time": _ = scenario.pass((scenario.phase("subject").deadline ?? .seconds(1)) - scenario.now)
            default: _ = scenario.stop()
            }
            #expect(Self.name(of: scenario.phase("subject")) == expected, "\(row[0]) after \(event)")
        }
    }

    /// A service in a phase, and another that it needs, so that the application lasts longer than the service.
    private static func scenario(in phase: String) throws -> Scenario {
        var scenario = try Scenario([
            .named("base") { $0.isRequired = false },
            .named("subject", needs: ["base"]) {
                $0.isRequired = false
                $0.startsAutomatically = phase != "idle"
            },
        ])
        _ = scenario.start()
        if phase != "waiting" { _ = scenario.ready("base") }
        switch phase {
        case "overdue": _ = scenario.pass(.seconds(10))
        case "running": _ = scenario.ready("subject")
        case "failed": _ = scenario.fail("subject")
        case "finished": _ = scenario.finish("subject")
        case "exhausted": _ = scenario.fail("subject", isPermanent: true)
        case "stopping", "cancelled", "stopped", "abandoned":
            _ = scenario.stop()
            if phase == "stopped" { _ = scenario.finish("subject") }
            if phase == "cancelled" { _ = scenario.pass(.seconds(10)) }
            if phase == "abandoned" { _ = scenario.pass(.seconds(11)) }
        default: break
        }
        return scenario
    }

    private static func name(of phase: ServiceRecord.Phase) -> String {
        String("\(phase)".prefix { $0 != "(" })
    }

    @Test("Ranks start one after another, the services of a rank together in the order given")
    func ranks() throws {
        var scenario = try Scenario([
            .named("web", .server), .named("drain", .consumer), .named("work", .process), .named("bus"), .named("db"),
        ])
        #expect(scenario.start() == ["run bus", "run db"])
        #expect(scenario.ready("db") == [])
        #expect(scenario.ready("bus") == ["run work"])
        #expect(scenario.ready("work") == ["run drain"])
        #expect(scenario.ready("drain") == ["run web"])
        #expect(scenario.state.stage != .started)
        #expect(scenario.ready("web") == [])
        #expect(scenario.state.stage == .started)
    }

    @Test("Intake waits for a process that has not returned, and not for an optional one")
    func intakeWaits() throws {
        var scenario = try Scenario([
            .named("web", .server), .named("extra", .process) { $0.isRequired = false }, .named("migrate", .process),
        ])
        #expect(scenario.start() == ["run extra", "run migrate"])
        #expect(scenario.fail("migrate") == [])
        #expect(scenario.pass(.seconds(1)) == ["run migrate 2"])
        #expect(scenario.finish("migrate") == ["run web"])
    }

    @Test("An edge beats the roles: what needs a process ranks with it, and its own dependents follow")
    func edgesBeatRoles() throws {
        var scenario = try Scenario([
            .named("seed", .process), .named("cache", .resource, needs: ["seed"]), .named("work", .process),
            .named("web", .server),
        ])
        #expect(scenario.start() == ["run seed", "run work"])
        #expect(scenario.ready("seed") == ["run cache"])
        #expect(scenario.ready("work") == [])
        #expect(scenario.ready("cache") == ["run web"])
    }

    @Test("What asks for completion waits until the service has finished, through its retries")
    func completion() throws {
        var scenario = try Scenario([.named("migrate", .process), .named("work", .process, completed: ["migrate"])])
        #expect(scenario.start() == ["run migrate"])
        #expect(scenario.ready("migrate") == [])
        #expect(scenario.fail("migrate") == [])
        #expect(scenario.pass(.seconds(1)) == ["run migrate 2"])
        #expect(scenario.finish("migrate") == ["run work"])
    }

    @Test("A service whose dependency failed meanwhile waits until that is ready again")
    func dependencyLostWhileWaiting() throws {
        var scenario = try Scenario([.named("a"), .named("b"), .named("c", needs: ["a", "b"])])
        _ = scenario.start()
        #expect(scenario.ready("a") == [])
        #expect(scenario.fail("a") == [])
        #expect(scenario.ready("b") == [])
        #expect(scenario.pass(.seconds(1)) == ["run a 2"])
        #expect(scenario.ready("a") == ["run c"])
    }

    @Test("A service without auto_start starts only if one that starts needs it")
    func onlyWhatIsNeeded() throws {
        var scenario = try Scenario([
            .named("used") { $0.startsAutomatically = false }, .named("web", .server, needs: ["used"]),
            .named("unused") { $0.startsAutomatically = false },
        ])
        #expect(scenario.start() == ["run used"])
        #expect(scenario.ready("used") == ["run web"])
        #expect(scenario.state.states == [.running, .starting, .stopped])
    }

    @Test("The delay grows by its factor to its cap, and shrinks to the first after a stable run")
    func delays() throws {
        var scenario = try Scenario([
            .named("job", .process) {
                $0.restart.initialDelay = .seconds(1)
                $0.restart.backoffFactor = 3
                $0.restart.maxDelay = .seconds(20)
            }
        ])
        _ = scenario.start()
        var delays: [Duration] = []
        func failAndRetry() {
            _ = scenario.fail("job")
            guard case .failed(_, let due) = scenario.phase("job") else { return }
            delays.append(due - scenario.now)
            _ = scenario.pass(due - scenario.now)
        }
        for _ in 1...5 { failAndRetry() }
        _ = scenario.ready("job")
        _ = scenario.pass(.milliseconds(4999))
        failAndRetry()
        _ = scenario.ready("job")
        _ = scenario.pass(.seconds(5))
        failAndRetry()
        failAndRetry()
        #expect(delays == [1, 3, 9, 20, 20, 20, 1, 3].map { .seconds($0) })
    }

    @Test("However short its delays are, a service starts at most ten times a second")
    func spacing() throws {
        var scenario = try Scenario([
            .named("db") {
                $0.restart.initialDelay = .zero
                $0.restart.maxDelay = .zero
                $0.stableThreshold = .zero
            }
        ])
        var starts = scenario.start().count
        for _ in 0..<1000 {
            if scenario.phase("db").isLive { _ = scenario.fail("db") }
            starts += scenario.pass(.milliseconds(1)).count
        }
        #expect(starts == 11)
    }

    @Test("Jitter takes away or adds its part, and extreme policies give delays all the same")
    func jitter() {
        var restart = LifecyclePolicy.standard.restart
        restart.jitter = 0.5
        #expect(restart.delay(afterFailures: 1, draw: 0) == .milliseconds(500))
        #expect(restart.delay(afterFailures: 1, draw: 0.5) == .seconds(1))
        #expect(restart.delay(afterFailures: 2, draw: 0.75) == .milliseconds(2500))
        restart.backoffFactor = 100
        #expect(restart.delay(afterFailures: .max, draw: 0.5) == .seconds(90))
        restart.initialDelay = .zero
        #expect(restart.delay(afterFailures: .max, draw: 0.5) == .zero)
    }

    @Test("max_attempts counts all failed attempts; past it a required service ends the application with a sentence")
    func attemptsExhausted() throws {
        var scenario = try Scenario([.named("db"), .named("job", .process) { $0.restart.maxAttempts = 3 }])
        _ = scenario.start()
        _ = scenario.ready("db")
        _ = scenario.fail("job")
        #expect(scenario.pass(.seconds(1)) == ["run job 2"])
        _ = scenario.ready("job")
        _ = scenario.fail("job")
        #expect(scenario.pass(.seconds(2)) == ["run job 3"])
        #expect(scenario.fail("job") == ["stop db"])
        #expect(scenario.phase("job") == .exhausted(reason: "no luck (attempt 3 of 3)"))
        #expect(scenario.finish("db") == ["end: app:job is required and has failed: no luck (attempt 3 of 3)"])
    }

    @Test("Past so many restarts within the window a service stays down, however well it ran in between")
    func intensity() throws {
        var scenario = try Scenario([
            .named("db"),
            .named("job", .process) {
                $0.isRequired = false
                $0.restart.intensity = RestartIntensity(maxRestarts: 2, window: .seconds(60))
            },
        ])
        _ = scenario.start()
        _ = scenario.ready("db")
        // The first restart has left the window when the third is to come.
        for (number, wait) in [(2, 1), (3, 50), (4, 9)] {
            _ = scenario.pass(.seconds(wait))
            _ = scenario.fail("job")
            #expect(scenario.pass(.seconds(1)) == ["run job \(number)"])
            _ = scenario.ready("job")
            _ = scenario.pass(.seconds(5))
        }
        #expect(scenario.fail("job") == [])
        #expect(scenario.phase("job") == .exhausted(reason: "no luck (after 2 restarts within 1m)"))
        #expect(scenario.pass(.seconds(1000)) == [])
    }

    @Test(
        "A required service that fails permanently ends the application, before it was ready and after",
        arguments: [false, true])
    func permanentFailure(isReady: Bool) throws {
        var scenario = try Scenario([.named("db"), .named("web", .server, needs: ["db"])])
        _ = scenario.start()
        _ = scenario.ready("db")
        if isReady { _ = scenario.ready("web") }
        #expect(scenario.fail("web", isPermanent: true) == ["stop db"])
        #expect(scenario.finish("db") == ["end: app:web is required and has failed: no luck"])
    }

    @Test("What a required service needs is as required as that")
    func neededByRequired() throws {
        var scenario = try Scenario([.named("db") { $0.isRequired = false }, .named("web", .server, needs: ["db"])])
        _ = scenario.start()
        #expect(scenario.fail("db", isPermanent: true) == ["end: app:db is required and has failed: no luck"])
        #expect(scenario.state.states == [.exhausted(reason: "no luck"), .stopped])
    }

    @Test("An optional service that fails for good stays so; each that needs it says once that it will not start")
    func optionalFailure() throws {
        let optional = { (policy: inout LifecyclePolicy) in policy.isRequired = false }
        var scenario = try Scenario([
            .named("a", policy: optional), .named("b", policy: optional),
            .named("c", needs: ["a", "b"], policy: optional),
            .named("d", needs: ["c", "a"], policy: optional), .named("web", .server),
        ])
        #expect(scenario.start() == ["run a", "run b", "run web"])
        _ = scenario.ready("a")
        _ = scenario.fail("a", isPermanent: true)
        #expect(scenario.ready("b") == [])
        #expect(scenario.fail("b", isPermanent: true) == [])
        #expect(scenario.lines.filter { $0.contains("will not start") }.count == 2)
        #expect(scenario.phase("d") == .waiting)
        #expect(scenario.ready("web") == [])
        #expect(scenario.state.stage == .started)
    }

    @Test("An attempt that is not ready in time is cancelled, and the next begins only when it has ended")
    func startTimeout() throws {
        var scenario = try Scenario([.named("db")])
        _ = scenario.start()
        #expect(scenario.pass(.milliseconds(9999)) == [])
        #expect(scenario.pass(.milliseconds(1)) == ["cancel db"])
        #expect(scenario.pass(.seconds(100)) == [])
        #expect(scenario.ready("db") == [])
        #expect(scenario.finish("db") == [])
        guard case .failed(let reason, _) = scenario.phase("db") else { throw Unexpected() }
        #expect(reason == "it was not ready within 10s and was cancelled")
        #expect(scenario.pass(.seconds(1)) == ["run db 2"])
    }

    @Test("A process has no limit to become ready unless it is written")
    func slowStart() throws {
        var scenario = try Scenario([
            .named("long", .process),
            .named("short", .process) { $0.startTimeout = .seconds(2) },
        ])
        _ = scenario.start()
        #expect(scenario.pass(.seconds(3600)) == ["cancel short"])
    }

    @Test("While it starts, a line every five seconds says what the start waits for")
    func progress() throws {
        var scenario = try Scenario([
            .named("web", .server), .named("migrate", .process), .named("other", .process),
        ])
        _ = scenario.start()
        _ = scenario.ready("other")
        _ = scenario.pass(.milliseconds(10_500))
        let lines = scenario.lines.filter { $0.contains("still starting") }
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.contains("app:migrate") && !$0.contains("app:web") && !$0.contains("app:other") })
        _ = scenario.finish("migrate")
        _ = scenario.ready("web")
        _ = scenario.pass(.seconds(60))
        #expect(scenario.lines.filter { $0.contains("still starting") }.count == 2)
    }

    @Test("A report of an earlier attempt changes nothing")
    func staleReport() throws {
        var scenario = try Scenario([.named("db")])
        _ = scenario.start()
        _ = scenario.fail("db")
        _ = scenario.pass(.seconds(1))
        #expect(scenario.report("db", .ready, attempt: 1) == [])
        #expect(scenario.state.states == [.starting])
    }

    @Test("A chain of 20,000 services starts and stops in linear time")
    func longChain() throws {
        let names = (0..<20_000).map { "s\($0)" }
        let services = names.enumerated().map { SupervisedService.named($1, needs: $0 > 0 ? [names[$0 - 1]] : []) }
        let time = try processorTime {
            var scenario = try Scenario(services)
            #expect(scenario.start() == ["run s0"])
            for name in names { _ = scenario.ready(name) }
            #expect(scenario.state.stage == .started)
            #expect(scenario.stop() == ["stop s19999"])
            for name in names.dropFirst().reversed() { _ = scenario.finish(name) }
            #expect(scenario.finish("s0") == ["end"])
        }
        // A step that looks at all others would take minutes.
        #expect(time < .seconds(20))
    }
}

/// A service is not in the phase that the test needs.
struct Unexpected: Error {}
