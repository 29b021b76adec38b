import Synchronization
import Testing
import WippyRuntime
import WippySQL

@testable import SQLiteGroups
@testable import WippySQLite

@Suite("The outcome of a transaction")
struct TransactionOutcomeTests {
    @Test(
        "After a commit that has failed, the changes are undone, unless the flush to the disk has failed",
        arguments: [
            (SQLiteResultCode.full, TransactionOutcome.undone), (.constraintForeignKey, .undone), (.ioError, .undone),
            (.ioErrorFlush, .unknown),
        ])
    func failedCommit(code: SQLiteResultCode, outcome: TransactionOutcome) async throws {
        let error = try await #require(throws: WippyError.self) {
            try await WippyError.wrapping { throw SQLiteError(code) }
        }
        #expect(TransactionOutcome(afterFailedCommit: error) == outcome)
    }

    @Test("Each observer is told the first end, also one that comes late")
    func observers() {
        let (ending, outcomes) = (TransactionEnding(), Outcomes())
        ending.observe(outcomes.note)
        ending.end(.unknown)
        ending.end(.kept)
        ending.observe(outcomes.note)
        #expect(outcomes.all == [.unknown, .unknown])
    }

    private final class Outcomes: Sendable {
        private let outcomes = Mutex<[TransactionOutcome]>([])

        var all: [TransactionOutcome] { outcomes.withLock { $0 } }

        @Sendable func note(_ outcome: TransactionOutcome) { outcomes.withLock { $0.append(outcome) } }
    }
}
