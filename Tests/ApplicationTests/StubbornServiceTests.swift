import Synchronization
import Testing
import Wippy
import WippyRunningApplication
import WippyTestClient
import WippyTesting

/// A kind of a user's whose service breaks one rule of `ManagedService` after another.
@Suite("A service that breaks its contract", .timeLimit(.minutes(15)))
struct StubbornServiceTests {
    private static func index(_ habit: Habit, number: Int) -> String {
        """
        namespace: app
        entries:
          - {name: server, kind: http.service, addr: "127.0.0.1:0", lifecycle: {auto_start: true}}
          - {name: router, kind: http.router, meta: {server: server}}
          - {name: answer, kind: function.swift, handler: Answer}
          - {name: get, kind: http.endpoint, meta: {router: router}, method: GET, path: /, func: answer}
          - name: stubborn
            kind: stubborn
            number: \(number)
            lifecycle:
              auto_start: true
              startup: optional
              start_timeout: 50ms
              stop_timeout: 50ms
              restart: {initial_delay: 10ms, max_delay: 10ms, jitter: 0}

        """
    }

    @Test("The application serves, exchanges it and stops in its time", arguments: Habit.allCases)
    func goesOn(_ habit: Habit) async throws {
        var settings = Application.Settings()
        settings.assignments = ["shutdown.timeout=1s"]
        let kind = StubbornKind(habit: habit)
        let application = try RunningApplication(
            Self.index(habit, number: 1), [Answer.self], kinds: .standard + [kind], settings: settings)
        #expect(try await application.get("/").status == 200)
        try await eventually("its service has run") { kind.runs.count > 0 }
        try await application.reload(Self.index(habit, number: 2))
        #expect(try await application.get("/").status == 200)
        let time = try await ContinuousClock().measure { try await application.stop() }
        #expect(time < .seconds(10), "\(habit): the stop took \(time)")
        #expect(application.messages.contains("stopped") && kind.runs.most <= 2, "\(habit)")
        let longest = application.log.records.map { "\($0.metadata)".utf8.count }.max() ?? 0
        #expect(longest < 10_000, "\(habit): a line has \(longest) bytes")
        kind.runs.end()
    }
}

/// What the service does.
enum Habit: CaseIterable, Sendable {
    case throwsAtOnce, throwsALongText, throwsCancellation, returnsAtOnce, isReadyTwice, isNeverReady
    case ignoresTheStop, ignoresItsCancellation, isReadyAfterItsEnd, failsAtTheStop
}

/// The runs of the service.
private final class Runs: Sendable {
    private let state = Mutex((now: 0, most: 0, count: 0))
    private let isOver = OneShotEvent()

    var count: Int { state.withLock { $0.count } }

    /// How many have run at once; a service that was abandoned may run beside the one that replaces it.
    var most: Int { state.withLock { $0.most } }

    func begin() {
        state.withLock { state in
            state.now += 1
            state.count += 1
            state.most = max(state.most, state.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }

    func end() { isOver.fire() }

    /// Waits for the end of the test, even if the task is cancelled.
    func hang() async {
        await withCheckedContinuation { continuation in
            let observation = isOver.onFire { continuation.resume() }
            withExtendedLifetime(observation) {}
        }
    }
}

private struct StubbornKind: EntryKind {
    static let name: KindName = "stubborn"
    static let summary = "Has a service that breaks its contract."
    static let role: ServiceRole? = .resource

    struct Config: EntryConfig {
        let number: Int

        init(from fields: inout FieldReader) { number = fields.required("number", "Tells it from others.") }
    }

    let habit: Habit
    let runs = Runs()

    func build(_ entry: Entry<Config>, with context: BuildContext) -> Built<Never> {
        .service(StubbornService(habit: habit, runs: runs))
    }
}

private struct StubbornService: ManagedService {
    struct LongError: Error, CustomStringConvertible {
        let description = String(repeating: "a long\ntext\u{0} ", count: 100_000)
    }

    let habit: Habit
    let runs: Runs

    func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws {
        runs.begin()
        defer { runs.leave() }
        switch habit {
        case .throwsAtOnce: throw WippyError(.unavailable, "it fails", isRetryable: true)
        case .throwsALongText: throw LongError()
        case .throwsCancellation: throw CancellationError()
        case .returnsAtOnce: return
        case .isNeverReady: await stop.wait()
        case .isReadyTwice:
            for _ in 0..<3 { ready() }
            await stop.wait()
        case .ignoresTheStop:
            ready()
            try await Task.sleep(for: .seconds(3600))
        case .ignoresItsCancellation:
            ready()
            await runs.hang()
        case .isReadyAfterItsEnd:
            Task {
                try await Task.sleep(for: .milliseconds(5))
                ready()
            }
        case .failsAtTheStop:
            ready()
            await stop.wait()
            throw LongError()
        }
    }
}

private struct Answer: HTTPHandler {
    init(_ context: HandlerContext) {}

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse { .text("answer") }
}
