import LuaEngine
import WippyLua
import WippyLuaQueue
import WippyMessaging
import WippyRuntime
import WippySQL
import WippyValues

/// Runs the statements of a script.
///
/// It is a database, or a transaction while the transaction is open.
protocol StatementRunner: AnyObject {
    /// - Throws: the reason why further statements cannot run.
    func executor() throws(LuaError) -> any SQLExecutor
}

extension LuaStack {
    /// Runs a query and returns its rows.
    func query(_ executor: any SQLExecutor, _ statement: SQLStatement) -> LuaVerdict {
        .wait {
            try await executor.packedRows(statement)
        } then: { stack, result in
            try stack.push(result) { try stack.push($0) }
        }
    }

    /// Runs a statement and returns the number of changed rows and the last key.
    func execute(_ executor: any SQLExecutor, _ statement: SQLStatement) -> LuaVerdict {
        .wait {
            try await executor.execute(statement)
        } then: { stack, result in
            stack.push(result) { changes in
                stack.pushTable(fields: 2)
                stack.push(changes.lastInsertID)
                stack.setField("last_insert_id", at: -2)
                stack.push(changes.rowsAffected)
                stack.setField("rows_affected", at: -2)
            }
        }
    }

    /// Prepares a statement.
    fileprivate func prepare(_ executor: any SQLExecutor, of owner: any StatementRunner, _ text: String) -> LuaVerdict {
        .wait {
            try await executor.check(text)
        } then: { stack, result in
            stack.push(result) {
                stack.push(ScriptStatement(text, of: owner), as: ScriptStatement.type)
            }
        }
    }

    /// Runs an operation, and returns true after it.
    fileprivate func waitForTrue(_ operation: @escaping @Sendable () async throws -> Void) -> LuaVerdict {
        .wait(for: operation) { stack, result in stack.push(result) { stack.push(true) } }
    }
}

/// The methods that databases and transactions share.
///
/// The text is at position 2, and its arguments are at position 3.
extension StatementRunner {
    fileprivate func query(_ stack: LuaStack) throws -> LuaVerdict {
        try run(stack) { executor, statement in stack.query(executor, statement) }
    }

    fileprivate func execute(_ stack: LuaStack) throws -> LuaVerdict {
        try run(stack) { executor, statement in stack.execute(executor, statement) }
    }

    fileprivate func prepare(_ stack: LuaStack) throws -> LuaVerdict {
        try run(stack) { executor, statement in stack.prepare(executor, of: self, statement.text) }
    }

    private func run(
        _ stack: LuaStack, _ body: (any SQLExecutor, SQLStatement) -> LuaVerdict
    ) throws -> LuaVerdict {
        let text = try stack.checkString(at: 2)
        do throws(LuaError) {
            return body(try executor(), SQLStatement(text, try stack.sqlArguments(at: 3)))
        } catch {
            return stack.fail(error)
        }
    }
}

/// A database, for scripts.
///
/// A script can keep it. After a reload it leads to the new database of its entry.
final class ScriptDatabase: StatementRunner, Sendable {
    private let link: Link<any SQLDatabase>

    var database: any SQLDatabase { link.target }

    init(_ link: Link<any SQLDatabase>) {
        self.link = link
    }

    func executor() -> any SQLExecutor { database }

    static let type: LuaObjectType<ScriptDatabase> = LuaObjectType(
        "sql.DB",
        methods: [
            "type": { stack, handle in stack.succeed(handle.database.product.rawValue) },
            "query": { stack, handle in try handle.query(stack) },
            "execute": { stack, handle in try handle.execute(stack) },
            "prepare": { stack, handle in try handle.prepare(stack) },
            "begin": { stack, handle in
                let database = handle.database
                let options: SQLTransactionOptions
                do throws(LuaError) {
                    options = try stack.options(at: 2, SQLTransactionOptions.init(from:))
                } catch {
                    return stack.fail(error)
                }
                return .wait {
                    try await database.begin(options)
                } then: { stack, result in
                    stack.push(result) { transaction in
                        let object = ScriptTransaction(transaction, of: stack.state.coroutine)
                        stack.state.cleanUpAfterCall(object)
                        stack.push(object, as: ScriptTransaction.type)
                    }
                }
            },
            "release": { stack, _ in stack.succeed(true) },
            "stats": { stack, handle in
                let connections = handle.database.connections
                stack.push(
                    LuaValue.object([
                        (Array("max_open_connections".utf8), .integer(connections.most)),
                        (Array("open_connections".utf8), .integer(connections.open)),
                    ]))
                for name in [
                    "in_use", "idle", "wait_count", "max_idle_closed", "max_idle_time_closed", "max_lifetime_closed",
                ] {
                    stack.push(0)
                    stack.setField(name, at: -2)
                }
                stack.push("0s")
                stack.setField("wait_duration", at: -2)
                return stack.succeed()
            },
        ],
        text: { "sql.DB{type=\($0.database.product.rawValue)}" })
}

/// A transaction, for scripts.
///
/// If a call leaves the transaction open, it is rolled back.
///
/// `@unchecked Sendable`: the object belongs to one state, which is used by one thread at a time. The call's cleanup
/// comes after the last use of the object.
final class ScriptTransaction: StatementRunner, ScriptScope, @unchecked Sendable {
    private var transaction: (any SQLTransaction)?
    /// The coroutine that has begun the transaction.
    private let coroutine: AnyObject?

    init(_ transaction: any SQLTransaction, of coroutine: AnyObject?) {
        self.transaction = transaction
        self.coroutine = coroutine
    }

    /// Returns an operation during which the task holds the transaction's database, if the database has queues.
    ///
    /// So a queue refuses a message at once that would wait for the coroutine's own transaction.
    func enclosing<Result>(
        _ operation: @escaping @Sendable () async throws -> Result, of coroutine: AnyObject?
    ) -> @Sendable () async throws -> Result {
        guard coroutine === self.coroutine, let held = (transaction as? any QueueTransaction)?.database else {
            return operation
        }
        return { try await HeldDatabases.holding([held], publishingBy: "transaction:publish", operation) }
    }

    func executor() throws(LuaError) -> any SQLExecutor { try active() }

    func active() throws(LuaError) -> any SQLTransaction {
        guard let transaction else { throw .invalid("transaction is not active") }
        return transaction
    }

    func cleanUp() async {
        let open = transaction
        transaction = nil
        // The rollback fails only if the transaction has ended already.
        try? await open?.rollback()
    }

    /// Ends the transaction, whether or not the operation succeeds.
    private func end(
        _ stack: LuaStack, _ end: @escaping @Sendable (any SQLTransaction) async throws -> Void
    ) -> LuaVerdict {
        guard let open = transaction else { return stack.fail(.invalid("transaction is not active")) }
        transaction = nil
        stack.state.isCleanedUp(self)
        return stack.waitForTrue { try await end(open) }
    }

    private func control(
        _ stack: LuaStack, _ control: @escaping @Sendable (any SQLTransaction, String) async throws -> Void
    ) throws -> LuaVerdict {
        let name = try stack.checkString(at: 2)
        do throws(LuaError) {
            let transaction = try active()
            return stack.waitForTrue { try await control(transaction, name) }
        } catch {
            return stack.fail(error)
        }
    }

    static let type: LuaObjectType<ScriptTransaction> = LuaObjectType(
        "sql.Transaction",
        methods: [
            "db_type": { stack, handle in
                do throws(LuaError) {
                    return stack.succeed(try handle.active().product.rawValue)
                } catch {
                    return stack.fail(error)
                }
            },
            "query": { stack, handle in try handle.query(stack) },
            "execute": { stack, handle in try handle.execute(stack) },
            "prepare": { stack, handle in try handle.prepare(stack) },
            "commit": { stack, handle in handle.end(stack) { try await $0.commit() } },
            "rollback": { stack, handle in handle.end(stack) { try await $0.rollback() } },
            "savepoint": { stack, handle in try handle.control(stack) { try await $0.savepoint($1) } },
            "rollback_to": { stack, handle in try handle.control(stack) { try await $0.rollback(to: $1) } },
            "release": { stack, handle in try handle.control(stack) { try await $0.release($1) } },
            "publish": { stack, handle in try handle.publish(stack) },
        ])

    /// Publishes a message.
    ///
    /// The queue gets the message if the transaction is committed, and only then.
    private func publish(_ stack: LuaStack) throws -> LuaVerdict {
        let id = try stack.checkString(at: 2)
        return try stack.withMessage(at: 3) { message in try publish(message, to: id, stack) }
    }

    private func publish(_ message: Message, to id: String, _ stack: LuaStack) throws -> LuaVerdict {
        do {
            let (transaction, queue) = (try active(), try stack.entry(id, as: .queue))
            return stack.waitForTrue {
                try await transaction.publish(message, to: queue)
            }
        } catch {
            return stack.fail(LuaError(of: error))
        }
    }
}

/// A prepared statement, for scripts.
///
/// The database finds the compiled statement by its text.
///
/// `@unchecked Sendable`: the object belongs to one state, which is used by one thread at a time.
final class ScriptStatement: @unchecked Sendable {
    private let text: String
    private let owner: any StatementRunner
    private var isClosed = false

    init(_ text: String, of owner: any StatementRunner) {
        self.text = text
        self.owner = owner
    }

    private func run(
        _ stack: LuaStack, _ body: (any SQLExecutor, SQLStatement) -> LuaVerdict
    ) -> LuaVerdict {
        do throws(LuaError) {
            guard !isClosed else { throw .invalid("statement is closed") }
            return body(try owner.executor(), SQLStatement(text, try stack.sqlArguments(at: 2)))
        } catch {
            return stack.fail(error)
        }
    }

    static let type: LuaObjectType<ScriptStatement> = LuaObjectType(
        "sql.Statement",
        methods: [
            "query": { stack, statement in statement.run(stack) { stack.query($0, $1) } },
            "execute": { stack, statement in statement.run(stack) { stack.execute($0, $1) } },
            "close": { stack, statement in
                guard !statement.isClosed else { return stack.fail(.invalid("statement is closed")) }
                statement.isClosed = true
                return stack.succeed(true)
            },
        ], keepsArguments: true)
}
