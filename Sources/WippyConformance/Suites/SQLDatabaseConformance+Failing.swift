import WippyRuntime
import WippySQL
import WippyTestTools

// A storage that keeps nothing, or whose answers are lost.
extension SQLDatabaseConformance {
    static func refusedChanges(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await database.insert(1)
            try await FailureCauses.during(test.causes.refuseChanges) {
                for id in 2...4 {
                    try await requireFailure(of: "a change while the storage fails") { try await database.insert(id) }
                }
                try await requireFailure(of: "a script while the storage fails") {
                    try await database.execute(script: "INSERT INTO conformance (id, word) VALUES (5, 'a')")
                }
            }
            try require("the rows after the failure", try await test.keys(), is: [1])
        }
    }

    static func refusedTransactions(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for isCommitted in [true, false] {
                let transaction = try await database.begin()
                try await transaction.insert(1)
                try await FailureCauses.during(test.causes.refuseChanges) {
                    try? await transaction.insert(2)
                    guard isCommitted else {
                        try? await transaction.rollback()
                        return
                    }
                    try await requireFailure(of: "a commit while the storage fails") { try await transaction.commit() }
                }
                let end = isCommitted ? "a commit that failed" : "a rollback"
                try await require("a change after \(end)", throws: WippyError.self) { try await transaction.insert(3) }
                try require("the rows after \(end)", try await test.keys(), is: [])
            }
        }
    }

    static func failureInTransaction(_ test: DatabaseBench) async throws {
        try await test.running { database in
            let transaction = try await database.begin()
            try await transaction.insert(1)
            let isKept = try await FailureCauses.during(test.causes.refuseChanges) {
                (try? await transaction.insert(2)) != nil
            }
            let isCommitted = (try? await transaction.commit()) != nil
            try require(
                "the rows after a \(isCommitted ? "commit" : "commit that failed")", try await test.keys(),
                is: isCommitted ? [1] + (isKept ? [2] : []) : [])
        }
    }

    static func goesOn(_ test: DatabaseBench) async throws {
        try await test.running { database in
            try await FailureCauses.during(test.causes.refuseChanges) {
                // Each of many calls may use a connection of its own.
                await withTaskGroup { group in
                    for id in 0..<10 {
                        group.addTask { try? await database.insert(id) }
                        group.addTask { _ = try? await database.transaction { try await $0.insert(id + 10) } }
                        group.addTask { _ = try? await database.rows("SELECT id FROM conformance") }
                    }
                }
            }
            try await withThrowingTaskGroup { group in
                for id in 100..<110 {
                    group.addTask { try await database.insert(id) }
                    group.addTask { try await database.transaction { try await $0.insert(id + 10) } }
                    group.addTask { _ = try await database.rows("SELECT id FROM conformance") }
                }
                try await group.waitForAll()
            }
            try require("the rows after the failure", try await test.keys(), is: Array(100..<120))
        }
    }

    static func lostCommits(_ test: DatabaseBench) async throws {
        for (cause, outcome) in test.causes.lostCommits {
            try await test.running { database in
                let transaction = try await database.begin()
                for id in 1...2 { try await transaction.insert(id) }
                try await FailureCauses.during(cause) {
                    try await requireFailure(of: "a commit whose answer is lost") { try await transaction.commit() }
                }
                try await require("a change after that", throws: WippyError.self) { try await transaction.insert(3) }
                let kept = outcome == .kept ? [1, 2] : []
                try require("the rows after that", try await test.keys(), is: kept)
                try await database.transaction { try await $0.insert(4) }
                try await database.insert(5)
                try require("the rows of later changes", try await test.keys(), is: kept + [4, 5])
            }
        }
    }
}

// A lock that another connection holds.
extension SQLDatabaseConformance {
    private static let changes: [(name: String, body: @Sendable (any SQLDatabase, Int) async throws -> Void)] = [
        ("a change", { database, id in try await database.insert(id) }),
        ("a transaction", { database, id in try await database.transaction { try await $0.insert(id) } }),
    ]

    static func lockedOut(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for (name, body) in changes {
                try await FailureCauses.during(test.causes.holdLock) {
                    let call = "\(name) that gets no lock"
                    let error = try await test.fails(call, with: .unavailable) {
                        try await test.patience.outcome(of: call) { try await body(database, 1) }
                    }
                    try require(error.isRetryable == true, "\(call) must be retryable: \(error)")
                }
                try require("the rows of \(name) that got no lock", try await test.keys(), is: [])
            }
            for (id, change) in changes.enumerated() { try await change.body(database, id) }
            try require("the rows of later changes", try await test.keys(), is: [0, 1])
        }
    }

    static func getsLock(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for (id, change) in changes.enumerated() {
                let waiting = try await FailureCauses.during(test.causes.holdLock) {
                    // The task runs up to its first wait.
                    Task.immediate { try await change.body(database, id) }
                }
                try await test.patience.outcome(of: "\(change.name) that waits for a lock", waiting)
            }
            try require("the rows", try await test.keys(), is: [0, 1])
        }
    }

    static func cancelledWait(_ test: DatabaseBench) async throws {
        try await test.running { database in
            for (name, body) in changes {
                try await FailureCauses.during(test.causes.holdLock) {
                    // The cancellation comes at different moments of the wait.
                    for moment in 0..<10 {
                        let waiting = Task.immediate { try await body(database, moment) }
                        try await Task.sleep(for: .milliseconds(moment))
                        waiting.cancel()
                        let call = "\(name) whose task is cancelled while it waits for a lock"
                        try await require(call, throws: CancellationError.self) {
                            try await test.patience.outcome(of: call, waiting)
                        }
                    }
                }
            }
            for (id, change) in changes.enumerated() { try await change.body(database, 100 + id) }
            try require("the rows of later changes", try await test.keys(), is: [100, 101])
        }
    }
}
