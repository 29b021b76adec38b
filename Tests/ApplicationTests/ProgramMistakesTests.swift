import Testing
import Wippy
import WippyTesting

/// What is wrong with what a program gives to its application.
@Suite("Mistakes in the lists of handlers and kinds", .timeLimit(.minutes(15)))
struct ProgramMistakesTests {
    private enum First {
        struct Same: FunctionHandler {
            init(_ context: HandlerContext) {}
            func call(_ input: Int) -> Int { input }
        }
    }

    private enum Second {
        struct Same: FunctionHandler {
            init(_ context: HandlerContext) {}
            func call(_ input: Int) -> Int { input }
        }
    }

    private struct Borrowed: FunctionHandler {
        static var shape: HandlerShape { First.Same.shape }
        init(_ context: HandlerContext) {}
        func call(_ input: Int) -> Int { input }
    }

    @Test("Handlers that cannot be told apart are errors of the check, with the types' full names")
    func handlers() async throws {
        let (first, second) = (String(reflecting: First.Same.self), String(reflecting: Second.Same.self))
        #expect(first.hasPrefix("ApplicationTests.") && first.hasSuffix("First.Same"))
        #expect(
            try await Self.errors([First.Same.self, Second.Same.self]) == [
                """
                handlers: error: the handler 'Same' is registered twice, as \(first) and \(second); \
                give each a name of its own
                """
            ])
        #expect(
            try await Self.errors([], ["app:x": First.Same.self, "app:x": First.Same.self]) == [
                "handlers: error: the handler 'app:x' is registered twice, as \(first); list it once"
            ])
        #expect(
            try await Self.errors([], [" ": First.Same.self]) == [
                "handlers: error: the handler \(first) has a blank name"
            ])
        #expect(
            try await Self.errors([Borrowed.self]) == [
                """
                handlers: error: the handler 'Borrowed' (\(String(reflecting: Borrowed.self))) has the shape of \
                \(first); the handler's protocol gives the right shape, so leave 'shape' out
                """
            ])
    }

    private struct Misnamed: EntryKind {
        static let name: KindName = "Clock"
        static let summary = "Tells the time."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    private struct OtherHost: EntryKind {
        static let name: KindName = "process.host"
        static let summary = "Another."
        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    private struct Helpless: EntryKind {
        static let name: KindName = "clock.helpless"
        static let summary = "Tells the time."
        func config(from fields: inout FieldReader, in program: Program) -> Bool {
            fields.optional("fast", default: false, "")
        }
        func build(_ entry: Entry<Bool>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    @Test("Kinds that cannot be told apart, misnamed ones, and a field without help are errors of the check")
    func kinds() async throws {
        let host = KindCatalog(.standard)["process.host"]
        let first = try String(reflecting: type(of: #require(host)))
        #expect(
            try await Self.errors([], kinds: .standard + [OtherHost(), Misnamed(), Helpless()]) == [
                """
                kinds: error: the kind 'Clock' (\(String(reflecting: Misnamed.self))) must have a name of \
                lower-case words joined by dots
                """,
                "kinds: error: the kind 'clock.helpless' (\(String(reflecting: Helpless.self))) has no help for 'fast'",
                """
                kinds: error: the kind 'process.host' is listed twice, as \(first) and \
                \(String(reflecting: OtherHost.self)); give each a name of its own
                """,
            ])
    }

    /// A kind with fields of the given names.
    private struct FieldsKind: EntryKind {
        static let name: KindName = "own.fields"
        static let summary = "Has fields."
        var paths: [String] = []
        var conditions: [String] = []

        func config(from fields: inout FieldReader, in program: Program) -> NoConfig {
            for path in paths { _ = fields.optional(path, default: false, "A field.") }
            for value in conditions {
                fields.describe(where: "type", is: value) { _ = $0.optional("size", default: 1, "The size.") }
            }
            return NoConfig()
        }

        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
    }

    @Test("A field that a kind declares twice is an error of the check, unless both never exist in one entry")
    func fieldTwice() {
        let subject = "kinds: error: the kind 'own.fields' (\(String(reflecting: FieldsKind.self)))"
        func mistakes(_ kind: FieldsKind) -> [String] { KindCatalog([kind]).mistakes.map(\.description) }
        #expect(mistakes(FieldsKind(paths: ["a", "a.b", "b", "meta.a"])) == [])
        #expect(mistakes(FieldsKind(paths: ["a", "b", "a"])) == ["\(subject) has the field 'a' twice"])
        #expect(mistakes(FieldsKind(paths: ["type"], conditions: ["wide", "high"])) == [])
        #expect(mistakes(FieldsKind(conditions: ["wide", "wide"])) == ["\(subject) has the field 'size' twice"])
        #expect(
            mistakes(FieldsKind(paths: ["size"], conditions: ["high"])) == ["\(subject) has the field 'size' twice"])
        #expect(mistakes(FieldsKind(paths: ["lifecycle"])) == ["\(subject) has the field 'lifecycle' twice"])
    }

    @Test(
        "A field that every entry or file has already is an error of the check",
        arguments: [
            "name", "kind", "kind.of", "data", "data.size", "meta", "version", "namespace", "requirements", "entries",
        ])
    func fieldOfTheFrame(path: String) {
        #expect(
            KindCatalog([FieldsKind(paths: ["size", path])]).mistakes.map(\.description) == [
                """
                kinds: error: the kind 'own.fields' (\(String(reflecting: FieldsKind.self))) has the field '\(path)', \
                which every entry or file has for another purpose
                """
            ])
    }

    private struct NeverBuilt: Error {}

    /// Kinds that the checks of routes, addresses and queues cannot find.
    private enum Unfindable {
        struct Server: EntryKind {
            static let name: KindName = "own.server"
            static let summary = "A server."
            func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
            func offers(_ entry: Entry<NoConfig>) -> [Offer<any HTTPServerComponent>] { [Offer(.httpServer) { $0 }] }
            func build(
                _ entry: Entry<NoConfig>, with context: BuildContext
            ) throws -> Built<any HTTPServerComponent> { throw NeverBuilt() }
        }

        struct Router: EntryKind {
            static let name: KindName = "own.router"
            static let summary = "A router."
            func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
            func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<HTTPRouter> {
                throw NeverBuilt()
            }
        }

        struct Endpoint: EntryKind {
            static let name: KindName = "own.endpoint"
            static let summary = "An endpoint."
            func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
            func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<HTTPEndpoint> {
                throw NeverBuilt()
            }
        }

        struct Driver: EntryKind {
            static let name: KindName = "own.driver"
            static let summary = "A driver."
            func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
            func offers(_ entry: Entry<NoConfig>) -> [Offer<any QueueDriver>] { [Offer(.queueDriver) { $0 }] }
            func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<any QueueDriver> {
                throw NeverBuilt()
            }
        }

        struct Queue: EntryKind {
            static let name: KindName = "own.queue"
            static let summary = "A queue."
            let hasDriver: Bool

            func config(from fields: inout FieldReader, in program: Program) -> NoConfig {
                if hasDriver { _ = fields.base("driver", .queueDriver, "The driver.") }
                return NoConfig()
            }

            func offers(_ entry: Entry<NoConfig>) -> [Offer<any MessageQueue>] { .queue { $0 } }
            func build(_ entry: Entry<NoConfig>, with context: BuildContext) throws -> Built<any MessageQueue> {
                throw NeverBuilt()
            }
        }
    }

    @Test(
        "A kind that offers a contract without the type by which the checks find its entries is an error of the check")
    func unfindable() {
        func mistakes(_ kind: any EntryKind) -> [String] {
            KindCatalog(.standard + [kind]).mistakes.map(\.message)
        }
        func sentence(_ kind: any EntryKind, _ offer: String) -> String {
            "the kind '\(type(of: kind).name)' (\(String(reflecting: type(of: kind)))) offers \(offer)"
        }
        let (server, router, endpoint) = (Unfindable.Server(), Unfindable.Router(), Unfindable.Endpoint())
        let queue = Unfindable.Queue(hasDriver: true)
        #expect(mistakes(server) == [sentence(server, "an HTTP server, so it must be an HTTPServerKind")])
        #expect(mistakes(router) == [sentence(router, "an HTTP router, so its config must be an HTTPRouterConfig")])
        #expect(
            mistakes(endpoint) == [
                sentence(endpoint, "an HTTP endpoint, so its config must be an HTTPEndpointConfig")
            ])
        #expect(
            mistakes(queue) == [
                sentence(queue, "a queue, so its config, which names a driver, must be a QueueConfig")
            ])
        // No driver has the messages of such a queue.
        #expect(mistakes(Unfindable.Queue(hasDriver: false)) == [])
    }

    @Test(
        "A program without one of the standard kinds is checked all the same", arguments: KindCatalog(.standard).names)
    func withoutKind(_ name: String) {
        let wrong: [any ProgramPart] = [
            Unfindable.Server(), Unfindable.Router(), Unfindable.Endpoint(), Unfindable.Driver(),
            Unfindable.Queue(hasDriver: true), MiddlewarePart(Stamp.self), MiddlewarePart(OtherStamp.self),
            ScriptModule("string", []), LuaFunctionOffer(.function) { $0 },
        ]
        func mistakes(_ parts: [any ProgramPart]) -> [String] { KindCatalog(parts + wrong).mistakes.map(\.message) }
        let all = mistakes(.standard)
        #expect(all.count == 8)
        #expect(mistakes([any ProgramPart].standard.filter { kindName(of: $0) != name }) == all)
    }

    private func kindName(of part: any ProgramPart) -> String? {
        (part as? any EntryKind).map { type(of: $0).name.description }
    }

    @Test("A family that is listed twice is checked once")
    func familyTwice() {
        let module = ScriptModule("string", [])
        let found = KindCatalog([any ProgramPart].standard + LuaKinds.all + [module]).mistakes.map(\.message)
        #expect(found.filter { $0.hasPrefix("the Lua module 'string' ") }.count == 1)
    }

    @Test("A kind takes the place of a standard one that is left out of the list, and not beside it")
    func replacedKind() {
        struct Router: EntryKind {
            static let name: KindName = "http.router"
            static let summary = "Does nothing."
            func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
            func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .nothing }
        }
        let others = [any ProgramPart].standard
            .filter { ($0 as? any EntryKind).map { type(of: $0).name } != "http.router" }
        #expect(KindCatalog(others + [Router()]).mistakes.isEmpty)
        #expect(KindCatalog(.standard + [Router()]).mistakes.count == 1)
    }

    private struct Stamp: Middleware {
        static let name: ExactText = "stamp"
        init(_ options: NoConfig) {}
    }

    private struct OtherStamp: Middleware {
        static let name: ExactText = "stamp"
        init(_ options: NoConfig) {}
    }

    @Test("A middleware that is listed twice is an error of the check, with the types' full names")
    func middlewareTwice() async throws {
        let (first, second) = (String(reflecting: Stamp.self), String(reflecting: OtherStamp.self))
        #expect(
            try await Self.errors([], kinds: .standard(middleware: [Stamp.self, OtherStamp.self])) == [
                """
                kinds: error: the middleware 'stamp' is listed twice, as \(first) and \(second); \
                give each a name of its own
                """
            ])
        #expect(
            try await Self.errors([], kinds: .standard(middleware: [Stamp.self, Stamp.self])) == [
                "kinds: error: the middleware 'stamp' is listed twice, as \(first); list it once"
            ])
    }

    @Test("A Lua module has a name of its own")
    func luaModules() async throws {
        let taken = "has the name of something that every script has; give it another name"
        let modules = ["uuid", "string", "integer", "slug"].map { ScriptModule($0, []) }
        #expect(
            try await Self.errors([], kinds: .standard + modules) == [
                "kinds: error: the Lua module 'integer' \(taken)", "kinds: error: the Lua module 'string' \(taken)",
                "kinds: error: the Lua module 'uuid' is listed twice; give each a name of its own",
            ])
    }

    @Test("Mistakes in both lists, and in the project, come out together")
    func together() async throws {
        let found = try await Self.errors(
            [Borrowed.self], kinds: .standard + [Misnamed(), OtherHost()],
            index: "namespace: app\nentries:\n  - {name: one}\n")
        #expect(found.count == 4)
        #expect(found.filter { $0.hasPrefix("handlers: error: the handler 'Borrowed'") }.count == 1)
        #expect(found.contains { $0.hasPrefix("kinds: error: the kind 'process.host' is listed twice, as ") })
        #expect(found.contains { $0.hasPrefix("kinds: error: the kind 'Clock' ") })
        #expect(found.last?.hasPrefix("src/_index.yaml:3:") == true)
    }

    /// The errors of an application that does not run, which are those that lint prints.
    private static func errors(
        _ handlers: [any Handler.Type], _ named: KeyValuePairs<String, any Handler.Type> = [:],
        kinds: [any ProgramPart] = .standard,
        index: String = "namespace: app\nentries:\n  - {name: one, kind: process.host}\n"
    ) async throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write(index, to: "src/_index.yaml")
        let application = Application(project: folder.path, handlers: handlers, named: named, kinds: kinds)
        let refusal = await #expect(throws: InvalidProject.self) { try await application.run() }
        let report = application.check().report
        #expect(refusal?.report.diagnostics == report.diagnostics)
        return report.diagnostics.filter { $0.severity == .error }.map(\.description)
    }
}
