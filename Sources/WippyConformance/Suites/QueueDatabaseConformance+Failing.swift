import WippyRuntime
import WippySQL
import WippyTestTools

// Transactions and locks that fail.
extension QueueDatabaseConformance {
    static func refusedTransactions(_ test: QueueDatabaseBench) async throws {
        let made = try await test.made()
        try await test.running(made) {
            let ends = Ends()
            let transaction = try await made.database.beginQueueTransaction()
            transaction.onEnd { ends.note($0) }
            try await transaction.insert(1)
            try await FailureCauses.during(made.causes.refuseChanges) {
                try await requireFailure(of: "a commit while the storage fails") { try await transaction.commit() }
            }
            try ends.requireOne(of: [.undone, .unknown], "a transaction that the storage has refused")
            try await made.requireRows([])
        }
    }

    static func lostCommits(_ test: QueueDatabaseBench) async throws {
        let made = try await test.made()
        try await test.running(made) {
            for (number, (cause, outcome)) in made.causes.lostCommits.enumerated() {
                try await made.database.execute("DELETE FROM conformance")
                let ends = Ends()
                let transaction = try await made.database.beginQueueTransaction()
                transaction.onEnd { ends.note($0) }
                try await transaction.insert(number)
                try await FailureCauses.during(cause) {
                    try await requireFailure(of: "a commit whose answer is lost") { try await transaction.commit() }
                }
                try ends.requireOne(of: [outcome, .unknown], "a transaction whose changes were \(outcome)")
                let late = Ends()
                transaction.onEnd { late.note($0) }
                try require("the ends that a late observer is told", late.all, is: ends.all)
                try await made.requireRows(outcome == .kept ? [number] : [])
            }
        }
    }

    static func lostLocks(_ test: QueueDatabaseBench) async throws {
        let (first, second) = (try await test.made(), try await test.made())
        try await test.running(first) {
            try await second.service.running(with: test.patience) {
                let lock = try await first.database.ownerLocks.lock(7)
                guard let lose = first.causes.loseOwnerLocks else { throw Finding("the suite cannot lose locks") }
                try await lose()
                try require("whether an owner has the lock that it lost", try await lock.isHeld, is: false)
                let others = try await second.database.ownerLocks.lock(7)
                try require("whether an owner has the lock that another took", try await lock.isHeld, is: false)
                await lock.release()
                try require("whether another has the lock that it took", try await others.isHeld, is: true)
                await others.release()
            }
        }
    }
}
