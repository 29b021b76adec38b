import Testing
import Wippy
import WippyTesting

@testable import Retries

@Suite("Retries")
struct RetriesTests {
    @Test("A payment that fails is tried after 1, 2 and 4 seconds, and is refused then", arguments: [0, 2, 3, 4, 9])
    func attempts(failures: Int) async throws {
        try await TestApplication(handlers: Retries.handlers) { app in
            _ = try await app.post("/payments", json: ["amount": 5, "failures": .integer(failures)])
            for delay in [1, 2, 4].prefix(failures) {
                try await app.settled()
                #expect(!app.log.messages.contains("paid"))
                app.clock.advance(by: .seconds(delay))
            }
            try await app.settled()
            #expect(app.log.messages.contains("paid") == (failures < 4))
            let refused = try app.published("app:refused_payments")
            #expect(refused.map { $0.headers["x_attempts"] } == (failures < 4 ? [] : [4]))
        }
    }
}
