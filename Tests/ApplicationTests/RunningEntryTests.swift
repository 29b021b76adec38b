import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient

@testable import WippyRuntime

/// Whose code runs where, which is what a trap says.
@Suite("The entry whose code runs", .timeLimit(.minutes(15)))
struct RunningEntryTests {
    /// What has run as whose code.
    private static let seen = Mutex<[String: Set<String>]>([:])

    private static func note(_ part: String) {
        let entry = RunningEntry.current.get()?.description ?? "none"
        seen.withLock { _ = $0[part, default: []].insert(entry) }
    }

    private struct Noted: Codable, Sendable {
        init() {}
        init(from decoder: any Decoder) { note("decoding") }
        func encode(to encoder: any Encoder) { note("encoding") }
    }

    private struct Answering: FunctionHandler {
        init(_ context: HandlerContext) { note("making") }
        func call(_ input: Noted) -> Noted {
            note("calling")
            return Noted()
        }
    }

    private struct Taking: MessageHandler {
        init(_ context: HandlerContext) {}
        func handle(_ body: Noted, _ delivery: Delivery) { note("taking") }
    }

    private struct Asking: HTTPHandler {
        private let function: LinkedFunction
        private let queue: Queue

        init(_ context: HandlerContext) throws {
            function = try context.function("answering")
            queue = try context.queue("queue")
        }

        func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
            note("asking")
            _ = try await function.call(nil)
            try await queue.publish(nil)
            return .text("")
        }
    }

    private struct Passing: Middleware {
        static let name: ExactText = "passing"
        init(_ options: NoConfig) {}

        func admit(_ request: inout HTTPRequest) -> HTTPResponse? {
            note("admitting")
            return nil
        }

        func complete(_ response: inout HTTPResponse, to request: HTTPRequest) { note("completing") }
    }

    private struct ServingKind: EntryKind, ManagedService {
        static let name: KindName = "noted.service"
        static let summary = "Runs."
        static let role: ServiceRole? = .process

        func config(from fields: inout FieldReader, in program: Program) -> NoConfig { NoConfig() }
        func build(_ entry: Entry<NoConfig>, with context: BuildContext) -> Built<Never> { .service(self) }

        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async {
            note("serving")
            ready()
            await stop.wait()
        }
    }

    @Test("Handlers, their data, middlewares and services run as their entries' code")
    func entries() async throws {
        let index = """
            namespace: app
            entries:
              - {name: service, kind: noted.service, lifecycle: {auto_start: true}}
              - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
              - {name: router, kind: http.router, meta: {server: server}, middleware: [passing]}
              - {name: endpoint, kind: http.endpoint, meta: {router: router}, method: GET, path: /a, func: asking}
              - {name: asking, kind: function.swift, handler: Asking, uses: {answering: answering, queue: queue}}
              - {name: answering, kind: function.swift, handler: Answering}
              - {name: taking, kind: function.swift, handler: Taking}
              - {name: memory, kind: queue.driver.memory, lifecycle: {auto_start: true}}
              - {name: queue, kind: queue.queue, driver: memory}
              - {name: consumer, kind: queue.consumer, queue: queue, func: taking, lifecycle: {auto_start: true}}

            """
        let application = try RunningApplication(
            index, [Answering.self, Asking.self, Taking.self],
            kinds: .standard(middleware: [Passing.self]) + [ServingKind()])
        #expect(try await application.get("/a").status == 200)
        try await application.stop()
        #expect(
            Self.seen.withLock { $0 } == [
                "making": ["app:answering"], "asking": ["app:asking"], "calling": ["app:answering"],
                "taking": ["app:taking"], "decoding": ["app:answering", "app:taking"], "encoding": ["app:answering"],
                "admitting": ["app:router"], "completing": ["app:router"], "serving": ["app:service"],
            ])
    }
}
