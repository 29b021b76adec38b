import WippyMessaging
import WippyValues

/// A message that its owner has claimed.
struct Claim: Hashable, Sendable {
    let row: Int
    let owner: Int
    let attempt: Int
    /// The end of the period of the message's unique key; nil if the message has no unique key.
    let uniqueUntil: Int?

    /// The arguments that tell the claim from all others.
    var arguments: [Value] { [.integer(row), .integer(owner), .integer(attempt)] }
}

/// A claimed message, read from the table.
struct ClaimedMessage: Sendable {
    let claim: Claim
    let priority: Int
    let expires: Int?
    let message: Message

    /// Reads a row that ``QueueTable/Texts/claim`` returns; nil if the row is malformed.
    init?(_ cells: ArraySlice<Value>, of owner: Int) {
        let first = cells.startIndex
        guard cells.count == 9, let row = cells[first].integer, let priority = cells[first + 1].integer,
            let attempt = cells[first + 2].integer, let published = cells[first + 3].integer,
            let id = cells[first + 6].string, let body = cells[first + 8].string
        else { return nil }
        claim = Claim(row: row, owner: owner, attempt: attempt, uniqueUntil: cells[first + 5].integer)
        self.priority = priority
        expires = cells[first + 4].integer
        message = Self.message(
            id: id, body: body, headers: cells[first + 7].string, published: published, attempts: max(attempt, 1) - 1)
    }

    /// Creates a message from the columns of its row.
    static func message(id: String, body: String, headers: String?, published: Int, attempts: Int) -> Message {
        Message(
            id: UniqueID(id) ?? .v4(), body: (try? JSON.decode(body)) ?? .null,
            headers: headers.flatMap { try? JSON.decode($0).map } ?? [:], attempts: attempts
        ).stamped(at: published / 1000)
    }
}
