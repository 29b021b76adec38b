import Wippy

/// Takes a note from the queue and stores it.
///
/// A note that is stored already does not change.
struct StoreNote: MessageHandler {
    private let database: Database

    init(_ context: HandlerContext) throws {
        database = try context.database("db")
    }

    func handle(_ note: Note, _ delivery: Delivery) async throws {
        try await database.execute(
            "INSERT INTO notes (id, text, words, author) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            [note.id, note.text, note.words, note.author])
    }
}
