import Wippy

struct PlaceOrder: HTTPHandler {
    private let database: Database
    private let orders: Queue

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
        orders = try context.queue("orders")
    }

    func handle(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id = "\(UniqueID.v4())"
        try await database.transaction { transaction in
            try await transaction.execute("INSERT INTO orders (id) VALUES (\(id))")
            try await transaction.publish(["order": .string(id)], to: orders)
        }
        return try .json(["id": .string(id)], status: .accepted)
    }
}
