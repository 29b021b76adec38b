import Testing
import WippyConformance
import WippyRuntime

@Suite("Two services that run as one", .timeLimit(.minutes(15)))
struct OrderedServicesTests {
    private struct Failure: Error {}

    /// A service that does what a closure says.
    private struct Scripted: ManagedService {
        let script: @Sendable (_ ready: @Sendable () -> Void, StopSignal) async throws -> Void

        func run(ready: @escaping @Sendable () -> Void, stop: StopSignal) async throws { try await script(ready, stop) }
    }

    private static let lasting = Scripted { ready, stop in
        ready()
        await stop.wait()
    }

    @Test("If the first one fails before it is ready, the pair fails")
    func failsEarly() async {
        let pair = OrderedServices(Scripted { _, _ in throw Failure() }, Self.lasting)
        await #expect(throws: Failure.self) { try await pair.run(ready: {}, stop: StopSignal()) }
    }

    @Test("If the first one ends before the second one, the pair fails", arguments: [false, true])
    func endsEarly(isReady: Bool) async {
        let pair = OrderedServices(Scripted { ready, _ in if isReady { ready() } }, Self.lasting)
        let error = await #expect(throws: WippyError.self) { try await pair.run(ready: {}, stop: StopSignal()) }
        #expect(error?.kind == .unavailable)
    }

    @Test("If the second one fails, the first one is told to stop, and the pair fails")
    func secondFails() async {
        let pair = OrderedServices(Self.lasting, Scripted { _, _ in throw Failure() })
        await #expect(throws: Failure.self) { try await pair.run(ready: {}, stop: StopSignal()) }
    }

    @Test("A stop before the first one is ready ends the pair")
    func earlyStop() async throws {
        let stop = StopSignal()
        let pair = OrderedServices(
            Scripted { _, own in
                stop.fire()
                await own.wait()
            }, Self.lasting)
        try await pair.run(ready: {}, stop: stop)
    }
}
