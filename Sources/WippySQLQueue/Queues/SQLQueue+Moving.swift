import WippyMessaging
import WippyRuntime
import WippySQL
import WippyText

extension SQLQueue: MovableQueue {
    func moveMessages(to other: any MovableQueue) async throws {
        // Another view of the same messages has them already.
        if let other = other as? SQLQueue, other.keepsSameMessages(as: self) { return }
        while true {
            try Task.checkCancellation()
            let messages = try await driver.table.messagesToMove(of: stored.key, at: driver.time.now)
            guard !messages.isEmpty else { return }
            // After a crash between the two steps, both queues have the messages. No message is lost.
            try await other.accept(messages.map(\.message))
            try await driver.table.removeMoved(messages.map(\.row))
            stored.didLose(messages.count)
        }
    }

    private func keepsSameMessages(as other: SQLQueue) -> Bool {
        let databases = (driver.table.database.target.identity, other.driver.table.database.target.identity)
        return databases.0 == databases.1 && ExactText.areEqual(stored.key, other.stored.key)
    }

    func accept(_ messages: [QueuedMessage]) async throws {
        let new = try messages.map { moved in
            try NewMessage(moved.message, in: stored.key, at: driver.time, delay: moved.delay, age: moved.age)
        }
        let count: Int
        do {
            count = try await driver.table.insert(new)
        } catch {
            driver.countSoon()
            throw error
        }
        stored.didGain(count)
        stored.didAccept(count)
        for due in new.compactMap(\.due) { driver.setAlarm(at: due) }
        stored.ring()
    }
}
