import Testing

@testable import WippyRuntime

@Suite("Readiness")
struct ReadinessTests {
    @Test("It is there once every required service is, and gone while one of them is not, and from the stop on")
    func requiredServices() throws {
        var scenario = try Scenario([
            .named("database"), .named("extra") { $0.isRequired = false }, .named("job", .process),
            .named("web", .server),
        ])
        #expect(!scenario.state.isReady)
        _ = scenario.start()
        for (name, isLast) in [("database", false), ("job", false), ("web", true)] {
            _ = scenario.ready(name)
            #expect(scenario.state.isReady == isLast, "\(name)")
        }
        _ = scenario.fail("extra")
        _ = scenario.finish("job")
        #expect(scenario.state.isReady)
        _ = scenario.fail("database")
        #expect(!scenario.state.isReady)
        _ = scenario.pass(.seconds(2))
        #expect(!scenario.state.isReady)
        _ = scenario.ready("database")
        #expect(scenario.state.isReady)
        _ = scenario.stop()
        #expect(!scenario.state.isReady)
    }
}
