import Testing
import WippyDefinition

@testable import WippyRuntime

@Suite("The supervisor's state: a change of the services")
struct SupervisorStateChangeTests {
    private static let old: [SupervisedService] = [.named("db"), .named("jobs", .consumer), .named("web", .server)]

    /// A graph in the place of the one that there is, whose services of the same names go on; guests after them.
    private func change(
        _ scenario: Scenario, to services: [SupervisedService], guests: [SupervisedService] = [],
        anew: Set<String> = [], finished: Set<String> = []
    ) throws -> GraphChange {
        let graph = try ServiceGraph(services)
        let indices = graph.nodes.map { anew.contains($0.id.name) ? nil : scenario.state.graph.index(of: $0.id) }
        let done = graph.nodes.indices.filter { finished.contains(graph.nodes[$0].id.name) }
        return GraphChange(
            to: graph.with(guests: Array(guests.indices), of: try ServiceGraph(guests)),
            indices: indices + guests.map { _ in nil },
            finished: Set(done))
    }

    private func running(_ services: [SupervisedService]) throws -> Scenario {
        var scenario = try Scenario(services)
        _ = scenario.start()
        while let index = scenario.state.states.firstIndex(of: .starting) {
            _ = scenario.ready(scenario.state.graph.nodes[index].id.name)
        }
        return scenario
    }

    @Test("What stays goes on, and what comes is held until it is started, then starts in order")
    func adoptAndStart() throws {
        var scenario = try running(Self.old)
        let new = Self.old + [.named("audit", .consumer, needs: ["log"]), .named("log")]
        #expect(
            scenario.take(.adopt(try change(scenario, to: [new[0], new[4], new[1], new[3], new[2]]))) == [
                "adopt", "done",
            ])
        #expect(scenario.phase("web") == .running(since: .zero))
        #expect(scenario.pass(.seconds(5)) == [])
        #expect(scenario.take(.start(scenario.indices("log", "audit"))) == ["run log"])
        #expect(scenario.ready("log") == ["run audit"])
        #expect(scenario.ready("audit") == ["done"])
        #expect(scenario.take(.conclude) == ["done"])
    }

    @Test("A guest starts beside a service of its id, and its failure ends the step and nothing else")
    func guestFails() throws {
        var scenario = try running(Self.old)
        let guest = SupervisedService.named("db")
        _ = scenario.take(.adopt(try change(scenario, to: Self.old, guests: [guest])))
        #expect(scenario.take(.start([3])) == ["run db"])
        let failure = SupervisorState.AttemptReport.failed(ServiceFailure("no luck"))
        #expect(scenario.report(at: 3, failure) == ["failed(app:db, reason: \"no luck\")"])
        #expect(scenario.take(.stop([3])) == ["done"])
        #expect(scenario.take(.adopt(try change(scenario, to: Self.old))) == ["adopt", "done"])
        #expect(scenario.state.states == [.running, .running, .running])
        #expect(scenario.state.stage == .started)
    }

    @Test("Guests start each after what it needs, be it a guest, too, or a service that goes on")
    func guestsInOrder() throws {
        var scenario = try running(Self.old)
        let other = try ServiceGraph([
            .named("jobs", .consumer), .named("db"), .named("driver", needs: ["db"]), .named("log", needs: ["jobs"]),
        ])
        let graph = scenario.state.graph.with(guests: [1, 2, 3], of: other)
        _ = scenario.take(.adopt(GraphChange(to: graph, indices: [0, 1, 2, nil, nil, nil])))
        #expect(scenario.take(.start([3, 4, 5])) == ["run db"])
        #expect(scenario.report(at: 3, .ready) == ["run driver"])
        #expect(scenario.report(at: 4, .ready) == ["run log"])
        #expect(scenario.report(at: 5, .ready) == ["done"])
        #expect(scenario.state.graph.steps(toStop: [3, 4]) == [[4], [3]])
    }

    @Test("Services that go stop before what they depend on, and by their roles where that leaves a choice")
    func stopSteps() throws {
        let graph = try ServiceGraph([
            .named("db"), .named("driver", needs: ["db"]), .named("work", .process), .named("jobs", .consumer),
            .named("web", .server), .named("log", needs: ["work"]),
        ])
        #expect(graph.steps(toStop: [0, 1, 2, 3, 4, 5]) == [[4], [3], [5], [2], [1], [0]])
        #expect(graph.steps(toStop: [0, 3]) == [[3], [0]])
        #expect(graph.steps(toStop: []) == [])
        #expect(graph.resources(among: [0, 1, 2, 5]) == [0, 1])
        #expect(graph.resources(among: [1, 3, 5]) == [1, 5])
    }

    @Test("A step of stopping ends when all have stopped; one that does not in time is cancelled, then abandoned")
    func stopStep() throws {
        var scenario = try running(Self.old)
        #expect(scenario.take(.stop(scenario.indices("web", "jobs"))) == ["stop jobs", "stop web"])
        #expect(scenario.finish("web") == [])
        #expect(scenario.pass(.seconds(30)) == ["cancel jobs"])
        #expect(scenario.pass(.seconds(1)) == ["done"])
        #expect(scenario.phase("jobs") == .abandoned)
        #expect(scenario.phase("db") == .running(since: .zero))
    }

    @Test("What was finished stays finished, and what fails while it is taken back follows its policy again")
    func takeBack() throws {
        let old = [Self.old[0], .named("migrate", .process), Self.old[1], Self.old[2]]
        var scenario = try running(old)
        _ = scenario.finish("migrate")
        _ = scenario.take(.stop(scenario.indices("web", "jobs")))
        _ = scenario.finish("web")
        _ = scenario.finish("jobs")
        _ = scenario.take(
            .adopt(try change(scenario, to: old, anew: ["web", "jobs", "migrate"], finished: ["migrate"])))
        #expect(scenario.phase("migrate") == .finished)
        #expect(scenario.take(.start(scenario.indices("web", "jobs", "migrate"))) == ["run jobs"])
        #expect(scenario.fail("jobs") == ["failed(app:jobs, reason: \"no luck\")"])
        #expect(scenario.take(.conclude) == ["run jobs 2", "done"])
        #expect(scenario.ready("jobs") == ["run web"])
    }

    @Test("A service that a change brought and that needs one which failed for good fails its step")
    func needsExhausted() throws {
        var scenario = try running([.named("db") { $0.isRequired = false }])
        _ = scenario.fail("db", isPermanent: true)
        let new: [SupervisedService] = [
            .named("db") { $0.isRequired = false }, .named("jobs", .consumer, needs: ["db"]),
        ]
        _ = scenario.take(.adopt(try change(scenario, to: new)))
        #expect(
            scenario.take(.start(scenario.indices("jobs"))) == [
                "failed(app:jobs, reason: \"it needs app:db, which stays down\")"
            ])
    }

    @Test("What waited for one that had failed for good starts when a change brings that one anew")
    func repaired() throws {
        let services: [SupervisedService] = [
            .named("db") { $0.isRequired = false },
            .named("jobs", .consumer, needs: ["db"]) { $0.isRequired = false },
        ]
        var scenario = try Scenario(services)
        _ = scenario.start()
        _ = scenario.fail("db", isPermanent: true)
        _ = scenario.take(.adopt(try change(scenario, to: services, anew: ["db"])))
        #expect(scenario.take(.start(scenario.indices("db"))) == ["run db", "done"])
        #expect(scenario.ready("db") == ["run jobs"])
    }

    @Test("A stop interrupts a change, and what the change has brought stops, too")
    func interrupted() throws {
        var scenario = try running(Self.old)
        let new = Self.old + [SupervisedService.named("work", .process)]
        _ = scenario.take(.adopt(try change(scenario, to: [new[0], new[3], new[1], new[2]])))
        #expect(scenario.take(.start(scenario.indices("work"))) == ["run work"])
        #expect(scenario.stop() == ["stop web", "interrupted"])
        #expect(scenario.take(.conclude) == ["interrupted"])
        #expect(scenario.finish("web") == ["stop jobs"])
        #expect(scenario.finish("jobs") == ["stop work"])
        #expect(scenario.finish("work") == ["stop db"])
        #expect(scenario.finish("db") == ["end"])
    }
}
