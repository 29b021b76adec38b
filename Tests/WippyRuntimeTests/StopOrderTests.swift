import Testing
import WippyDefinition

@testable import WippyRuntime

@Suite("The order of a stop")
struct StopOrderTests {
    /// Everything of a list running, and told to stop.
    private func stopping(_ services: [SupervisedService]) throws -> (scenario: Scenario, actions: [String]) {
        var scenario = try Scenario(services)
        _ = scenario.start()
        while let index = scenario.state.states.firstIndex(of: .starting) {
            _ = scenario.ready(scenario.state.graph.nodes[index].id.name)
        }
        try #require(scenario.state.states.allSatisfy { $0 == .running })
        let actions = scenario.stop()
        return (scenario, actions)
    }

    @Test("A queue's publishers stop before its consumers, which are told when the queue is drained")
    func publishersFirst() throws {
        var (scenario, actions) = try stopping([
            .named("web", .server, publishes: ["tasks"]), .named("worker", .consumer, consumes: ["tasks"]),
            .named("tick", .process, publishes: ["tasks"]), .named("driver"),
        ])
        #expect(actions == ["stop web"])
        #expect(scenario.finish("web") == ["stop tick"])
        #expect(scenario.finish("tick") == ["drain tasks"])
        #expect(scenario.drained("worker") == ["stop worker"])
        #expect(scenario.finish("worker") == ["stop driver"])
        #expect(scenario.finish("driver") == ["end"])
    }

    @Test("A chain of queues drains from its head, and dead letters last")
    func chain() throws {
        var (scenario, actions) = try stopping([
            .named("c", .consumer, consumes: ["third"]),
            .named("a", .consumer, publishes: ["second"], consumes: ["first"]),
            .named("b", .consumer, publishes: ["third"], consumes: ["second"]), .named("driver"),
        ])
        #expect(actions == ["drain first"])
        #expect(scenario.drained("a") == ["stop a"])
        #expect(scenario.finish("a") == ["drain second"])
        #expect(scenario.drained("b") == ["stop b"])
        #expect(scenario.finish("b") == ["drain third"])
        #expect(scenario.drained("c") == ["stop c"])
        #expect(scenario.finish("c") == ["stop driver"])
    }

    @Test("Consumers that feed each other in a cycle drain and stop together, after those who feed the cycle")
    func cycle() throws {
        var (scenario, actions) = try stopping([
            .named("ping", .consumer, publishes: ["pongs"], consumes: ["pings"]),
            .named("pong", .consumer, publishes: ["pings", "log"], consumes: ["pongs"]),
            .named("outside", .consumer, publishes: ["pings"], consumes: ["orders"]),
            .named("logger", .consumer, consumes: ["log"]),
        ])
        #expect(actions == ["drain orders"])
        #expect(scenario.drained("outside") == ["stop outside"])
        #expect(scenario.finish("outside") == ["drain pings, pongs"])
        #expect(scenario.drained("ping") == ["stop ping", "stop pong"])
        #expect(scenario.finish("ping") == [])
        #expect(scenario.finish("pong") == ["drain log"])
    }

    @Test("A cycle does not wait for the queue of a member that is gone, and an old drain ends no new one")
    func memberGone() throws {
        let brief = { (policy: inout LifecyclePolicy) in policy.stopTimeout = .seconds(1) }
        var (scenario, actions) = try stopping([
            .named("ping", .consumer, publishes: ["pongs"], consumes: ["pings"], policy: brief),
            .named("pong", .consumer, publishes: ["pings"], consumes: ["pongs"]),
        ])
        #expect(actions == ["drain pings, pongs"])
        #expect(scenario.pass(.seconds(1)) == ["stop ping", "cancel ping"])
        #expect(scenario.finish("ping") == ["drain pongs"])
        #expect(scenario.drained("pong", drain: 1) == [])
        #expect(scenario.drained("pong") == ["stop pong"])
        #expect(scenario.finish("pong") == ["end"])
    }

    @Test("A drain is cancelled when no member of its cycle waits for it any more, and its end then means nothing")
    func nobodyWaits() throws {
        let brief = { (policy: inout LifecyclePolicy) in policy.stopTimeout = .seconds(1) }
        let longer = { (policy: inout LifecyclePolicy) in policy.stopTimeout = .seconds(2) }
        var (scenario, actions) = try stopping([
            .named("ping", .consumer, publishes: ["pongs"], consumes: ["pings"], policy: brief),
            .named("pong", .consumer, publishes: ["pings"], consumes: ["pongs"], policy: longer),
        ])
        #expect(actions == ["drain pings, pongs"])
        #expect(scenario.pass(.seconds(1)) == ["stop ping", "cancel ping"])
        #expect(scenario.finish("ping") == ["drain pongs"])
        #expect(scenario.pass(.seconds(1)) == ["stop pong", "cancel pong", "cancel the drain"])
        #expect(scenario.drained("pong", drain: 2) == [])
        #expect(scenario.finish("pong") == ["end"])
        (scenario, actions) = try stopping([.named("worker", .consumer, consumes: ["tasks"])])
        #expect(scenario.fail("worker") == ["cancel the drain", "end"])
    }

    @Test("A consumer that publishes to its own queue waits for nobody else")
    func ownQueue() throws {
        var (scenario, actions) = try stopping([.named("c", .consumer, publishes: ["tasks"], consumes: ["tasks"])])
        #expect(actions == ["drain tasks"])
        #expect(scenario.drained("c") == ["stop c"])
    }

    @Test("An explicit requirement beats a queue: who requires a publisher stops before it")
    func requirementWins() throws {
        var (scenario, actions) = try stopping([
            .named("tick", .process, publishes: ["tasks"]),
            .named("worker", .consumer, needs: ["tick"], consumes: ["tasks"]),
            .named("head", .consumer, publishes: ["tasks"], consumes: ["first"]),
        ])
        #expect(actions == ["drain first"])
        #expect(scenario.drained("head") == ["stop head"])
        #expect(scenario.finish("head") == ["drain tasks"])
        #expect(scenario.drained("worker") == ["stop worker"])
        #expect(scenario.finish("worker") == ["stop tick"])
    }

    @Test("A longer cycle with a requirement in it is cut where the requirement says")
    func requirementInCycle() throws {
        var (scenario, actions) = try stopping([
            .named("tick", .process, publishes: ["two"]),
            .named("a", .consumer, needs: ["tick"], consumes: ["one"]),
            .named("b", .consumer, publishes: ["one"], consumes: ["two"]),
        ])
        #expect(actions == ["drain one"])
        #expect(scenario.drained("a") == ["stop a"])
        #expect(scenario.finish("a") == ["stop tick"])
        #expect(scenario.finish("tick") == ["drain two"])
    }

    @Test("Consumers and servers have all of the time that is left, processes ten seconds, unless it is written")
    func limits() throws {
        let written = { (policy: inout LifecyclePolicy) in policy.stopTimeout = .seconds(3) }
        var (scenario, actions) = try stopping([
            .named("brief", .consumer, consumes: ["few"], policy: written),
            .named("worker", .consumer, consumes: ["tasks"]),
            .named("tick", .process),
        ])
        #expect(actions == ["drain few", "drain tasks"])
        #expect(scenario.pass(.seconds(3)) == ["stop brief", "cancel brief", "cancel the drain"])
        #expect(scenario.finish("brief") == [])
        #expect(scenario.pass(.milliseconds(14_999)) == [])
        #expect(scenario.drained("worker") == ["stop worker"])
        #expect(scenario.finish("worker") == ["stop tick"])
        #expect(scenario.pass(.milliseconds(9_999)) == [])
        #expect(scenario.pass(.milliseconds(1)) == ["cancel tick"])
    }

    @Test("At the last call what still drains is told and cancelled")
    func lastCall() throws {
        var (scenario, actions) = try stopping([.named("worker", .consumer, consumes: ["tasks"]), .named("driver")])
        #expect(actions == ["drain tasks"])
        #expect(scenario.pass(.seconds(28)) == ["stop worker", "cancel worker", "cancel the drain"])
        #expect(scenario.drained("worker") == [])
        #expect(scenario.finish("worker") == ["stop driver"])
        #expect(scenario.lines.contains { $0.hasPrefix("warning worker did not") })
    }

    @Test("A publisher that runs again after a failure is waited for, and one that waits for its restart is not")
    func failedPublisher() throws {
        var scenario = try Scenario([
            .named("tick", .process, publishes: ["tasks"]), .named("worker", .consumer, consumes: ["tasks"]),
        ])
        _ = scenario.start()
        _ = scenario.ready("tick")
        _ = scenario.ready("worker")
        _ = scenario.fail("tick")
        _ = scenario.pass(.seconds(1))
        var failed = scenario
        #expect(scenario.stop() == ["stop tick"])
        #expect(scenario.finish("tick") == ["drain tasks"])
        _ = failed.fail("tick")
        #expect(failed.stop() == ["drain tasks"])
    }

    @Test("The order grows with the services and their queues, not with their square")
    func linear() throws {
        let count = 20_000
        let services = (0..<count).map { number in
            SupervisedService.named(
                "c\(number)", .consumer, publishes: ["shared", "q\(number + 1)"], consumes: ["q\(number)", "shared"])
        }
        let order = StopOrder(services, dependencies: services.map { _ in [] })
        #expect(order.groups.count == 1)
        let chain = StopOrder(
            services.map { service in
                var service = service
                service.consumes.remove(.app("shared"))
                return service
            }, dependencies: services.map { _ in [] })
        #expect(chain.groups.count == count)
        #expect(chain.channels.reduce(0) { $0 + $1.publishers.count + $1.groups.count } == 2 * (count - 1))
    }
}
