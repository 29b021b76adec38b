/// A note.
///
/// It is a message in the queue, a row of the table, and an element of the answer.
struct Note: Codable, Sendable, Equatable {
    var id: String
    var text: String
    var words: Int
    var author: String?
}
