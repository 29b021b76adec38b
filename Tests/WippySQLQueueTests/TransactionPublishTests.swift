import Testing
import Wippy
import WippyTesting

@Suite("Publishing in a transaction", .timeLimit(.minutes(15)))
struct TransactionPublishTests {
    private struct Refused: Error {}

    /// Writes an order and publishes it; then fails, or publishes beside the transaction, if it is told so.
    private struct PlaceOrder: FunctionHandler {
        let database: Database
        let orders: Queue

        init(_ context: HandlerContext) throws {
            database = try context.database("app:db")
            orders = try context.queue("app:orders")
        }

        func call(_ how: String) async throws -> String {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO orders (how) VALUES (\(how))")
                try await transaction.publish(.string(how), to: orders)
                if how == "fails" { throw Refused() }
                if how == "beside" { try await orders.publish("beside") }
            }
            return how
        }
    }

    /// Starts a task in a transaction, which publishes when the transaction has ended.
    private struct PlaceLater: FunctionHandler {
        let database: Database
        let orders: Queue

        init(_ context: HandlerContext) throws {
            database = try context.database("app:db")
            orders = try context.queue("app:orders")
        }

        func call(_ how: String) async throws -> String {
            let (ended, end) = AsyncStream<Void>.makeStream()
            let task = try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO orders (how) VALUES (\(how))")
                return Task { [orders] in
                    for await _ in ended {}
                    try await orders.publish(.string(how))
                }
            }
            end.finish()
            try await task.value
            return how
        }
    }

    private struct Ship: MessageHandler {
        init(_ context: HandlerContext) {}
        func handle(_ order: String, _ delivery: Delivery) {}
    }

    private static let project = """
        namespace: app
        entries:
          - {name: db, kind: db.sql.sqlite, file: x.db, lifecycle: {auto_start: true}}
          - {name: durable, kind: queue.driver.sql, database: db, lifecycle: {auto_start: true}}
          - {name: orders, kind: queue.queue, driver: durable}
          - {name: place, kind: function.swift, handler: PlaceOrder}
          - {name: later, kind: function.swift, handler: PlaceLater}
          - {name: ship, kind: function.swift, handler: Ship}
          - {name: shipping, kind: queue.consumer, queue: orders, func: ship, lifecycle: {auto_start: true}}
        """

    private static let handlers: [any Handler.Type] = [PlaceOrder.self, PlaceLater.self, Ship.self]

    @Test("A task that was started in a transaction can publish when the transaction has ended")
    func publishesLater() async throws {
        try await TestApplication(project: .definitions(Self.project), handlers: Self.handlers) { app in
            try await app.database("app:db").execute("CREATE TABLE orders (how TEXT)")
            _ = try await app.function("app:later").call("late")
            try await app.settled()
            #expect(try app.published("app:orders").map(\.body) == ["late"])
        }
    }

    @Test("There is a message if, and only if, the transaction commits; a publish beside it is refused by name")
    func commits() async throws {
        try await TestApplication(project: .definitions(Self.project), handlers: Self.handlers) { app in
            let database = try app.database("app:db")
            try await database.execute("CREATE TABLE orders (how TEXT)")
            let place = try app.function("app:place")
            _ = try await place.call("keeps")
            await #expect(throws: (any Error).self) { try await place.call("fails") }
            let refusal = await #expect(throws: WippyError.self) { try await place.call("beside") }
            #expect(refusal?.message.contains("use 'transaction.publish'") == true)
            try await app.settled()
            #expect(try app.published("app:orders").map(\.body) == ["keeps"])
            #expect(try await database.query("SELECT how FROM orders", as: String.self) == ["keeps"])
            #expect(try await app.queue("app:orders").count.total == 0)
        }
    }
}
