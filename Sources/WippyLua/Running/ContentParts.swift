import HTTPServing
import Synchronization

/// Hands parts of an answer from the script that writes them to the connection that sends them, one at a time.
final class ContentParts: Sendable {
    /// A part, with the head that goes before the first one.
    struct Part: Sendable {
        let head: HTTPResponseHead
        let content: [UInt8]
    }

    private struct State {
        var part: Part?
        var sender: CheckedContinuation<Void, any Error>?
        var receiver: CheckedContinuation<Part?, Never>?
        /// Whether there will be no further part.
        var isOver = false
        /// Whether nobody takes any further part.
        var isClosed = false
    }

    /// What becomes of a part that is handed over.
    private enum Handover {
        case refused
        case taken(by: CheckedContinuation<Part?, Never>)
        /// Until somebody asks for it.
        case kept
    }

    private let state = Mutex(State())

    /// Hands a part over, and returns when the connection has taken it.
    ///
    /// - Throws: `CancellationError` when the client has gone, or the task is cancelled.
    func send(_ part: Part) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Handover = state.withLock { state in
                    guard !state.isClosed, !Task.isCancelled else { return .refused }
                    state.sender = continuation
                    if let receiver = state.receiver.take() { return .taken(by: receiver) }
                    state.part = part
                    return .kept
                }
                switch outcome {
                case .refused: continuation.resume(throwing: CancellationError())
                case .taken(by: let receiver): receiver.resume(returning: part)
                case .kept: break
                }
            }
        } onCancel: {
            close()
        }
    }

    /// The next part; nil after the last one.
    func next() async -> Part? {
        await withCheckedContinuation { continuation in
            let (part, isKnown) = state.withLock { state -> (Part?, Bool) in
                if let part = state.part.take() { return (part, true) }
                if state.isOver { return (nil, true) }
                state.receiver = continuation
                return (nil, false)
            }
            if isKnown { continuation.resume(returning: part) }
        }
    }

    /// Notes that the part which was taken last has been sent.
    func sent() {
        state.withLock { $0.sender.take() }?.resume()
    }

    /// Notes that the script has ended.
    func end() {
        let receiver = state.withLock { state in
            state.isOver = true
            return state.receiver.take()
        }
        receiver?.resume(returning: nil)
    }

    /// Notes that nobody takes parts any more.
    func close() {
        let sender = state.withLock { state in
            state.isClosed = true
            state.part = nil
            return state.sender.take()
        }
        sender?.resume(throwing: CancellationError())
    }
}
