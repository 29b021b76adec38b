import Wippy

/// Writes the id of each message into the table `kept`.
struct Keep: MessageHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ letter: Relay.Letter, _ delivery: Delivery) async throws {
        try await database.execute("INSERT INTO kept (id) VALUES (?) ON CONFLICT (id) DO NOTHING", [letter.id])
    }
}
