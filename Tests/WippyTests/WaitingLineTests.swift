import Synchronization
import Testing
import Wippy
import WippyTesting

/// That what a driver needs to let tasks wait can be reached by `import Wippy` alone.
@Suite("Waiting in line", .timeLimit(.minutes(15)))
struct WaitingLineTests {
    /// A room for one, with a line in front of it.
    private final class Room: Sendable {
        private struct State {
            var isTaken = false
            var line = WaitingLine<CheckedContinuation<Void, any Error>>()
            var lastTicket = 0
        }

        private let state = Mutex(State())

        var waiting: Int { state.withLock { $0.line.count } }

        func enter() async throws {
            let ticket = state.withLock { state in
                state.lastTicket += 1
                return state.lastTicket
            }
            try await waitInLine { continuation in
                let waits = state.withLock { state in
                    guard state.isTaken else {
                        state.isTaken = true
                        return false
                    }
                    state.line.append(continuation, ticket: ticket)
                    return true
                }
                if !waits { continuation.resume() }
                return waits
            } leaving: { [self] in
                state.withLock { $0.line.remove(ticket) }?.resume(throwing: CancellationError())
            }
        }

        func leave() {
            state.withLock { state in
                let next = state.line.popFirst()
                if next == nil { state.isTaken = false }
                return next
            }?.resume()
        }
    }

    @Test("A task waits for its turn, and leaves the line when it is cancelled")
    func turns() async throws {
        let room = Room()
        try await room.enter()
        let cancelled = Task { try await room.enter() }
        try await eventually("one waits") { room.waiting == 1 }
        let patient = Task { try await room.enter() }
        try await eventually("two wait") { room.waiting == 2 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        room.leave()
        try await patient.value
        #expect(room.waiting == 0)
    }
}
