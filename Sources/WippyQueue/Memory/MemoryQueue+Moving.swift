import WippyMessaging

extension MemoryQueue: MovableQueue {
    func moveMessages(to other: any MovableQueue) async throws {
        while true {
            try Task.checkCancellation()
            advance()
            let messages = takeOut()
            guard !messages.isEmpty else { return }
            defer { endMove(of: messages) }
            do {
                // All messages go together. The other queue accepts all of them or none.
                try await other.accept(messages)
            } catch {
                try await accept(messages)
                throw error
            }
        }
    }

    func accept(_ messages: [QueuedMessage]) async throws {
        perform(accepting(messages))
    }
}
