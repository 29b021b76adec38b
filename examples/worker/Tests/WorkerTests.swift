import Testing
import Wippy
import WippyTesting

@testable import Worker

@Suite("The worker")
struct WorkerTests {
    @Test("At each interval a job is published, and done")
    func jobs() async throws {
        try await TestApplication(handlers: Worker.handlers) { app in
            for count in 1...3 {
                app.clock.advance(by: .seconds(10))
                try await eventually("a job is published") { try app.published("app:jobs").count == count }
            }
            try await app.settled()
            #expect(app.log.messages.count { $0 == "worked" } == 3)
        }
    }
}
