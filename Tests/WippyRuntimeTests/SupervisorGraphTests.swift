import Testing
import WippyDefinition

@testable import WippyRuntime

@Suite("The order of services")
struct SupervisorGraphTests {
    @Test("A rank is the highest of the role and of all that the service depends on, however far")
    func ranks() throws {
        let graph = try ServiceGraph([
            .named("a", .resource, needs: ["b"]), .named("b", .resource, needs: ["c"]), .named("c", .consumer),
            .named("d", .server, needs: ["a"]), .named("e", .process),
        ])
        #expect(graph.nodes.map(\.rank) == [.consumer, .consumer, .consumer, .server, .process])
    }

    @Test("A circle is refused with the services on it")
    func circle() throws {
        let services: [SupervisedService] = [
            .named("entry", needs: ["a"]), .named("a", needs: ["b"]), .named("b", needs: ["c"]),
            .named("c", needs: ["a"]), .named("free"),
        ]
        let error = try #require(throws: ServiceGraphError.self) { try ServiceGraph(services) }
        #expect(error.description == "services need each other: app:a -> app:b -> app:c -> app:a")
        #expect(throws: ServiceGraphError.self) { try ServiceGraph([.named("self", needs: ["self"])]) }
    }

    @Test("A dependency that is no service, and two services of one id, are refused by name")
    func strangers() throws {
        let unknown = try #require(throws: ServiceGraphError.self) { try ServiceGraph([.named("a", needs: ["x"])]) }
        #expect(unknown.description == "app:a needs app:x, which is no service")
        let twice = try #require(throws: ServiceGraphError.self) { try ServiceGraph([.named("a"), .named("a")]) }
        #expect(twice.description == "there are two services with the id app:a")
    }

    @Test("What a required service needs is essential; what only an optional one needs is not")
    func essential() throws {
        let graph = try ServiceGraph([
            .named("base") { $0.startsAutomatically = false },
            .named("extra", needs: ["tool"]) { $0.isRequired = false },
            .named("main", .server, needs: ["base"]), .named("tool") { $0.startsAutomatically = false },
            .named("unused") { $0.startsAutomatically = false },
        ])
        #expect(graph.nodes.map(\.isEssential) == [true, false, true, false, false])
        #expect(graph.nodes.map(\.starts) == [true, true, true, true, false])
    }
}
