public import WippyRuntime
public import WippySQL
import WippyTestTools

/// The failures that a suite can cause in a database and its storage.
///
/// If a closure is nil, the suite does not test the rules that need it.
///
/// ```swift
/// var failures = DatabaseFailures<MyDatabase>()
/// failures.refuseChanges = { database, isOn in database.disk.isFull = isOn }
/// ```
public struct DatabaseFailures<Database: SQLDatabase>: Sendable {
    /// Begins a failure of a database, or ends the failure.
    public typealias Switch = @Sendable (_ database: Database, _ isOn: Bool) async throws -> Void

    /// Makes a database, and the service that opens and closes it.
    public typealias Make =
        @Sendable (_ environment: RuntimeEnvironment, _ folder: String) async throws -> (
            database: Database, service: any ManagedService
        )

    /// While this is on, the storage keeps no changes, as on a full disk.
    ///
    /// Then each change outside of a transaction must fail, and so must each commit of a transaction with changes.
    /// Default: nil.
    public var refuseChanges: Switch?

    /// While this is on, the storage keeps what a transaction commits, and the driver gets no answer to the commit.
    ///
    /// Default: nil.
    public var loseAnswers: Switch?

    /// While this is on, the storage keeps nothing of what a transaction commits, and the driver gets no answer to the
    /// commit.
    ///
    /// Default: nil.
    public var loseCommits: Switch?

    /// While this is on, another connection has the lock that each change needs.
    ///
    /// A call of the database must wait for the lock for less than the suite's `limit`. Default: nil.
    public var holdLock: Switch?

    /// Makes a database whose calls wait for the lock of ``holdLock`` for longer than the suite's `limit`.
    ///
    /// Default: nil.
    public var makePatient: Make?

    /// Loses the owners' locks that were taken, as when their connection ends.
    ///
    /// Only ``QueueDatabaseConformance`` uses it. Default: nil.
    public var loseOwnerLocks: (@Sendable (_ database: Database) async throws -> Void)?

    /// Creates the failures without any closure.
    public init() {}

    /// The failures of one database.
    func causes(in database: Database) -> FailureCauses {
        func cause(_ change: Switch?) -> FailureCauses.Switch? {
            guard let change else { return nil }
            return { isOn in try await change(database, isOn) }
        }
        var loss: (@Sendable () async throws -> Void)?
        if let loseOwnerLocks { loss = { try await loseOwnerLocks(database) } }
        return FailureCauses(
            refuseChanges: cause(refuseChanges), loseAnswers: cause(loseAnswers), loseCommits: cause(loseCommits),
            holdLock: cause(holdLock), loseOwnerLocks: loss)
    }
}

/// The failures that a suite can cause in the database under test.
struct FailureCauses: Sendable {
    typealias Switch = @Sendable (_ isOn: Bool) async throws -> Void

    let refuseChanges: Switch?
    let loseAnswers: Switch?
    let loseCommits: Switch?
    let holdLock: Switch?
    let loseOwnerLocks: (@Sendable () async throws -> Void)?

    /// The losses of an answer to a commit, with what becomes of the transaction's changes.
    var lostCommits: [(cause: Switch, outcome: TransactionOutcome)] {
        var causes: [(cause: Switch, outcome: TransactionOutcome)] = []
        if let loseAnswers { causes.append((loseAnswers, .kept)) }
        if let loseCommits { causes.append((loseCommits, .undone)) }
        return causes
    }

    /// Runs `body` during a failure.
    static func during<Result>(_ cause: Switch?, _ body: () async throws -> Result) async throws -> Result {
        guard let cause else { throw Finding("the suite cannot cause this failure") }
        try await cause(true)
        let result: Result
        do {
            result = try await body()
        } catch {
            try await cause(false)
            throw error
        }
        try await cause(false)
        return result
    }
}

/// Requires that a call fails as it must when the storage fails.
func requireFailure(of call: String, _ body: () async throws -> Void) async throws {
    let error = try await require(call, throws: WippyError.self, body)
    try require(
        error.kind == .unavailable || error.kind == .internal,
        "\(call) must be Unavailable or Internal, and is \(error.kind): \(error)")
}
