import Testing
import WippyDefinition

@testable import WippyRuntime

@Suite("The order of services")
struct SupervisorGraphTests {
    @Test("A rank is the highest of the role and of all that the service depends on, however far")
    func ranks() throws {
        let graph = try ServiceGraph([
            .named("c", .consumer), .named("b", .resource, needs: ["c"]), .named("a", .resource, needs: ["b"]),
            .named("d", .server, needs: ["a"]), .named("e", .process),
        ])
        #expect(graph.nodes.map(\.rank) == [.consumer, .consumer, .consumer, .server, .process])
    }

    @Test("A dependency that is no service, or comes later, is refused by name")
    func strangers() throws {
        let later: [SupervisedService] = [.named("a", needs: ["b"]), .named("b")]
        for (services, name) in [([.named("a", needs: ["x"])], "x"), (later, "b"), ([.named("a", needs: ["a"])], "a")] {
            let error = try #require(throws: BuildError.self) { try ServiceGraph(services) }
            #expect(error.description == "app:a: it needs app:\(name), which does not start before it")
        }
    }

    @Test("What a required service needs is essential; what only an optional one needs is not")
    func essential() throws {
        let graph = try ServiceGraph([
            .named("base") { $0.startsAutomatically = false },
            .named("tool") { $0.startsAutomatically = false },
            .named("extra", needs: ["tool"]) { $0.isRequired = false }, .named("main", .server, needs: ["base"]),
            .named("unused") { $0.startsAutomatically = false },
        ])
        #expect(graph.nodes.map(\.isEssential) == [true, false, false, true, false])
        #expect(graph.nodes.map(\.starts) == [true, true, true, true, false])
    }
}
