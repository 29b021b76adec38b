import HTTPServing
import Synchronization
import WippyCollections

/// Passes the parts of an answer, one at a time, from the script that writes them to the connection that sends them.
final class ContentParts: Sendable {
    /// A part, with the answer's head, which only the first part needs.
    struct Part: Sendable {
        let head: HTTPResponseHead
        let content: [UInt8]
    }

    private typealias Sender = CheckedContinuation<Void, any Error>

    private struct State {
        /// The parts for which the connection has not asked yet, with their senders.
        ///
        /// Several coroutines of a script can send at once.
        var waiting = Deque<(part: Part, sender: Sender)>()
        /// The sender of the part that the connection sends now.
        var sender: Sender?
        var receiver: CheckedContinuation<Part?, Never>?
        /// True if the script has ended, so that no further part comes.
        var isOver = false
        /// True if the connection takes no further parts.
        var isClosed = false
    }

    /// The result of offering a part.
    private enum Handover {
        case refused
        case taken(by: CheckedContinuation<Part?, Never>)
        /// The part is kept until the connection asks for it.
        case kept
    }

    private let state = Mutex(State())

    /// Passes a part on, and returns when the connection has taken it.
    ///
    /// - Throws: `CancellationError` when the client has gone, or when the task is cancelled.
    func send(_ part: Part) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Handover = state.withLock { state in
                    guard !state.isClosed, !Task.isCancelled else { return .refused }
                    guard let receiver = state.receiver.take() else {
                        state.waiting.append((part, continuation))
                        return .kept
                    }
                    state.sender = continuation
                    return .taken(by: receiver)
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

    /// Returns the next part; nil after the last one.
    func next() async -> Part? {
        await withCheckedContinuation { continuation in
            let (part, isKnown) = state.withLock { state -> (Part?, Bool) in
                if let next = state.waiting.popFirst() {
                    state.sender = next.sender
                    return (next.part, true)
                }
                if state.isOver { return (nil, true) }
                state.receiver = continuation
                return (nil, false)
            }
            if isKnown { continuation.resume(returning: part) }
        }
    }

    /// Records that the last part was sent.
    func sent() {
        state.withLock { $0.sender.take() }?.resume()
    }

    /// Records that the script has ended.
    func end() {
        let receiver = state.withLock { state in
            state.isOver = true
            return state.receiver.take()
        }
        receiver?.resume(returning: nil)
    }

    /// Records that the connection takes no further parts.
    func close() {
        let senders = state.withLock { state in
            state.isClosed = true
            return [state.sender.take()] + state.waiting.popAll().map(\.sender)
        }
        for sender in senders { sender?.resume(throwing: CancellationError()) }
    }
}
