import WippyMessaging
import WippyRuntime
import WippySQL

extension SQLQueue {
    @discardableResult
    func publish(_ message: Message) async throws -> Bool {
        try Task.checkCancellation()
        if let call = HeldDatabases.publishingCall(on: driver.table.database.target.identity) {
            throw waitForItself(unlessBy: call)
        }
        let new = try NewMessage(message, in: stored.key, at: driver.time)
        if !stored.isOpen { try await open() }
        if !stored.reserve(maxLength: settings.options.maxLength) { try await reserve() }
        let isNew: Bool
        do {
            isNew = try await driver.table.insert(new, driver.durability)
        } catch {
            stored.didLose(1)
            // The message may be in the table all the same. After a failure, the driver counts and wakes the workers.
            throw await isFaultOfMessage(error) ? error : refusal(after: error)
        }
        ended(new, isNew ? .kept : .undone)
        return isNew
    }

    /// Adds a message within a transaction.
    ///
    /// If the transaction does not commit, the message is dropped.
    @discardableResult
    func publish(_ message: Message, in transaction: any QueueTransaction) async throws -> Bool {
        guard transaction.database == driver.table.database.target.identity else {
            throw WippyError(
                .invalid,
                "the queue '\(id)' is not in the transaction's database: publish to it after the transaction, or have "
                    + "its driver use that database",
                isRetryable: false)
        }
        let new = try NewMessage(message, in: stored.key, at: driver.time)
        if !stored.isOpen { try await open(in: transaction) }
        guard stored.reserve(maxLength: settings.options.maxLength) else {
            // A wait here would stop every task and process that writes to the database.
            throw WippyError.full(id, after: .zero)
        }
        do {
            let isNew = try await driver.table.insert(new, in: transaction)
            transaction.onEnd { [self] outcome in ended(new, isNew ? outcome : .undone) }
            return isNew
        } catch {
            stored.didLose(1)
            throw error
        }
    }

    /// Notes what has become of a message for which room is reserved.
    private func ended(_ new: NewMessage, _ outcome: TransactionOutcome) {
        switch outcome {
        case .undone: return stored.didLose(1)
        case .kept:
            stored.didAccept()
        case .unknown:
            // The room stays reserved until the driver has counted.
            driver.countSoon()
        }
        if let due = new.due { driver.setAlarm(at: due) } else { stored.ring() }
    }

    /// Opens the queue if a reload has added it.
    ///
    /// - Parameter transaction: the transaction of the publisher; nil for none.
    /// - Throws: an error for the publisher when the driver does not run, or when the database fails.
    private func open(in transaction: (any SQLTransaction)? = nil) async throws {
        let isOpen: Bool
        do {
            isOpen = try await driver.open(stored, in: transaction)
        } catch {
            throw refusal(after: error)
        }
        guard isOpen else { throw driver.refusal(of: id) }
    }

    /// Reserves room for a message, and waits until there is room.
    private func reserve() async throws {
        let settings = settings
        let maxLength = settings.options.maxLength
        let timeout = settings.queue.publishTimeout
        guard timeout > .zero else { throw WippyError.full(id, after: timeout) }
        let deadline = driver.clock.now + timeout
        let isAdmitted = try await stored.waitForRoom(maxLength: maxLength, until: deadline) {
            driver.alarm.set(at: deadline)
        }
        guard isAdmitted else { throw WippyError.full(id, after: timeout) }
    }

    private func waitForItself(unlessBy call: String) -> WippyError {
        WippyError(
            .invalid,
            "the task holds a transaction on the database of the queue '\(id)', and the message would wait for its "
                + "end: use '\(call)'",
            isRetryable: false)
    }

    /// Returns true if the database has refused a message because of the message itself, such as one that is too large.
    ///
    /// A statement on a table that is gone or has changed is `Invalid` too. Then other statements on the table fail.
    private func isFaultOfMessage(_ error: any Error) async -> Bool {
        guard let error = error as? WippyError, error.kind == .invalid else { return false }
        return (try? await driver.table.moments()) != nil
    }

    /// Returns the error for a publisher when the database fails.
    private func refusal(after error: any Error) -> any Error {
        guard !(error is CancellationError) else { return error }
        driver.health.didFail(error)
        let words = (error as? WippyError)?.message ?? "its database fails"
        return WippyError(
            .unavailable, "the queue '\(id)' cannot keep a message now: \(words)",
            isRetryable: true, cause: error)
    }
}
