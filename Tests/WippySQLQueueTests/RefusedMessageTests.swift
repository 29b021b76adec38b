import Testing
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyTesting

@testable import WippySQLQueue

/// What a publisher gets when the database does not keep its message.
@Suite("Messages that a database refuses", .timeLimit(.minutes(15)))
struct RefusedMessageTests {
    @Test("A message that the database calls invalid is the publisher's fault, and no failure of the database")
    func wrongMessage() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = bench.queue()
        try await bench.running {
            try await queue.publish(Message(body: "good"))
            try await bench.database.execute(
                script: SQLStatement(
                    """
                    CREATE TRIGGER picky BEFORE INSERT ON wippy_queue_messages WHEN NEW.body LIKE '%poison%'
                    BEGIN SELECT RAISE(ABORT, 'not this one'); END
                    """))
            let error = try await #require(throws: WippyError.self) {
                try await queue.publish(Message(body: "poison"))
            }
            #expect(error.kind == .invalid && !bench.driver.health.isFailing)
            try await queue.publish(Message(body: "good again"))
            #expect(try await queue.count.ready == 2)
        }
    }

    @Test("A table that is gone is no fault of the publisher, who may try again")
    func lostTable() async throws {
        let folder = try TemporaryFolder()
        let bench = SQLQueueBench(file: "\(folder.path)/queue.db")
        let queue = bench.queue()
        try await bench.running {
            try await queue.publish(Message(body: "kept"))
            try await bench.database.execute(
                script: SQLStatement("ALTER TABLE wippy_queue_messages RENAME TO elsewhere"))
            let error = try await #require(throws: WippyError.self) {
                try await queue.publish(Message(body: "late"))
            }
            #expect(error.kind == .unavailable && error.isRetryable == true && bench.driver.health.isFailing)
            try await bench.database.execute(
                script: SQLStatement("ALTER TABLE elsewhere RENAME TO wippy_queue_messages"))
            try await queue.publish(Message(body: "late"))
            #expect(try await queue.count.ready == 2)
        }
    }
}
