import Testing
import WippyDefinition
import WippyTesting

@testable import WippyRuntime

@Suite("The supervisor's state: stopping")
struct SupervisorStateStopTests {
    /// Everything of a list running.
    private func running(_ services: [SupervisedService], shutdownTimeout: Duration = .seconds(30)) throws -> Scenario {
        var scenario = try Scenario(services, shutdownTimeout: shutdownTimeout)
        _ = scenario.start()
        while let index = scenario.state.states.firstIndex(of: .starting) {
            _ = scenario.ready(scenario.state.graph.nodes[index].id.name)
        }
        try #require(scenario.state.states.allSatisfy { $0 == .running })
        return scenario
    }

    @Test("Ranks stop downwards, and within one dependents before what they need")
    func order() throws {
        var scenario = try running([
            .named("web", .server), .named("audit", .consumer), .named("drain", .consumer), .named("work", .process),
            .named("disk"), .named("bus"), .named("db", needs: ["disk"]),
        ])
        #expect(scenario.stop() == ["stop web"])
        #expect(scenario.finish("web") == ["stop audit", "stop drain"])
        #expect(scenario.finish("drain") == [])
        #expect(scenario.finish("audit") == ["stop work"])
        #expect(scenario.finish("work") == ["stop bus", "stop db"])
        #expect(scenario.finish("bus") == [])
        #expect(scenario.finish("db") == ["stop disk"])
        #expect(scenario.finish("disk") == ["end"])
        #expect(scenario.state.states.allSatisfy { $0 == .stopped })
    }

    @Test("A stop before the start ends at once, and then nothing starts")
    func stopBeforeStart() throws {
        var scenario = try Scenario([.named("db")])
        #expect(scenario.stop() == ["end"])
        #expect(scenario.start() == [])
        #expect(scenario.stop() == [])
        #expect(scenario.state.states == [.stopped])
    }

    @Test("A stop during the start: what starts is told at once, what waits and what failed never runs again")
    func stopDuringStart() throws {
        var scenario = try Scenario([.named("a"), .named("b"), .named("c"), .named("web", .server)])
        _ = scenario.start()
        _ = scenario.ready("a")
        _ = scenario.fail("c")
        #expect(scenario.stop() == ["stop a", "stop b"])
        #expect(scenario.pass(.seconds(5)) == [])
        #expect(scenario.ready("b") == [])
        #expect(scenario.finish("b") == [])
        #expect(scenario.finish("a") == ["end"])
    }

    @Test("A service that is starting keeps what it needs running until it has stopped")
    func stopWhileDependentStarts() throws {
        var scenario = try Scenario([.named("db"), .named("migrate", .process, needs: ["db"])])
        _ = scenario.start()
        _ = scenario.ready("db")
        #expect(scenario.stop() == ["stop migrate"])
        #expect(scenario.fail("migrate") == ["stop db"])
    }

    @Test("An attempt that was late to be ready and is cancelled is waited for, for a moment")
    func stopWhileOverdue() throws {
        var scenario = try Scenario([.named("db")])
        _ = scenario.start()
        #expect(scenario.pass(.seconds(10)) == ["cancel db"])
        #expect(scenario.stop() == [])
        #expect(scenario.pass(.seconds(1)) == ["end"])
        #expect(scenario.state.states == [.abandoned])
    }

    @Test("A second stop changes nothing, and the first reason counts")
    func stopTwice() throws {
        var scenario = try running([.named("db"), .named("web", .server)])
        #expect(scenario.fail("web", isPermanent: true) == ["stop db"])
        #expect(scenario.stop() == [])
        #expect(scenario.finish("db") == ["end: app:web is required and has failed: no luck"])
    }

    @Test("A failure after the stop was asked for does not change how the application ends")
    func failureWhileStopping() throws {
        var scenario = try running([.named("db"), .named("web", .server)])
        #expect(scenario.stop() == ["stop web"])
        #expect(scenario.fail("db", isPermanent: true) == [])
        #expect(scenario.fail("web", isPermanent: true) == ["end"])
        #expect(scenario.lines.filter { $0.hasPrefix("warning") }.count == 2)
    }

    @Test("Past its stop_timeout a service is cancelled, and a second later abandoned with a line that names it")
    func abandoned() throws {
        var scenario = try running([.named("db"), .named("web", .server) { $0.stopTimeout = .seconds(3) }])
        _ = scenario.stop()
        #expect(scenario.pass(.milliseconds(2999)) == [])
        #expect(scenario.pass(.milliseconds(1)) == ["cancel web"])
        #expect(scenario.pass(.milliseconds(999)) == [])
        #expect(scenario.pass(.milliseconds(1)) == ["stop db"])
        #expect(scenario.lines.contains("error web is abandoned: it still runs although it was cancelled"))
        #expect(scenario.finish("web") == [])
        #expect(scenario.finish("db") == ["end"])
        #expect(scenario.state.states == [.stopped, .abandoned])
    }

    @Test("One deadline for all: two seconds of it are kept for resources, and nothing lasts longer")
    func oneDeadline() throws {
        let patient = { (policy: inout LifecyclePolicy) in policy.stopTimeout = .seconds(60) }
        var scenario = try running([
            .named("db", policy: patient), .named("disk", policy: patient), .named("drain", .consumer, policy: patient),
            .named("web", .server, policy: patient),
        ])
        #expect(scenario.stop() == ["stop web"])
        #expect(scenario.pass(.milliseconds(27_999)) == [])
        #expect(scenario.pass(.milliseconds(1)) == ["cancel web", "stop drain", "cancel drain"])
        #expect(scenario.finish("drain") == [])
        #expect(scenario.pass(.seconds(1)) == ["stop db", "stop disk"])
        #expect(scenario.finish("disk") == [])
        #expect(scenario.pass(.milliseconds(500)) == ["cancel db"])
        #expect(scenario.pass(.milliseconds(499)) == [])
        #expect(scenario.pass(.milliseconds(1)) == ["end"])
        #expect(scenario.state.states == [.abandoned, .stopped, .stopped, .abandoned])
    }

    @Test("A chain of resources that ignore everything ends at the deadline all the same")
    func stubbornChain() throws {
        var scenario = try running([.named("a"), .named("b", needs: ["a"]), .named("c", needs: ["b"])])
        #expect(scenario.stop() == ["stop c"])
        #expect(
            scenario.pass(.seconds(30)) == [
                "cancel c", "stop b", "cancel b", "stop a", "cancel a", "end",
            ])
        #expect(scenario.now == .seconds(30))
    }

    @Test("However short the deadline is, the application ends at it", arguments: [0, 1, 10, 1000, 4000])
    func shortDeadline(milliseconds: Int) throws {
        var scenario = try running(
            [.named("db"), .named("work", .process), .named("web", .server)],
            shutdownTimeout: .milliseconds(milliseconds))
        _ = scenario.stop()
        let actions = scenario.pass(.milliseconds(milliseconds))
        #expect(actions.last == "end")
        #expect(actions.filter { $0.hasPrefix("cancel") }.count == 3)
    }

    @Test("Whatever happens in whatever order, attempts never overlap and a stop ends the application")
    func randomWalk() throws {
        for seed in 0..<300 {
            var random = SeededGenerator(seed: UInt64(seed))
            var scenario = try Scenario(SupervisedService.random(&random, pace: .milliseconds(10)))
            var live: Set<String> = []
            var hasEnded = false
            func observe(_ actions: [String]) {
                for action in actions {
                    let words = action.split(separator: " ").map(String.init)
                    if words[0] == "run" {
                        #expect(live.insert(words[1]).inserted, "\(seed): two attempts of \(words[1])")
                    }
                    if words[0].hasPrefix("end") { hasEnded = true }
                }
            }
            observe(scenario.start())
            for step in 0..<200 where !hasEnded {
                scenario.draw = Double.random(in: 0..<1, using: &random)
                if step == 150 { observe(scenario.stop()) }
                guard let name = live.sorted().randomElement(using: &random), Int.random(in: 0..<4, using: &random) > 0
                else {
                    observe(scenario.pass(.milliseconds(Int.random(in: 0..<3000, using: &random))))
                    continue
                }
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    live.remove(name)
                    observe(scenario.fail(name, isPermanent: Int.random(in: 0..<10, using: &random) == 0))
                case 1:
                    live.remove(name)
                    observe(scenario.finish(name))
                default: observe(scenario.ready(name))
                }
            }
            observe(scenario.stop() + scenario.pass(.seconds(31)))
            #expect(hasEnded, "\(seed)")
            #expect(scenario.state.live == [0, 0, 0, 0], "\(seed)")
            #expect(live.allSatisfy { scenario.phase($0) == .abandoned }, "\(seed)")
        }
    }
}
