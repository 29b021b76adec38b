/// What an entry can offer another: a Swift type, and the words for it in a sentence.
///
/// Each contract is one static constant, so that a field that refers to a queue reads
/// `fields.reference("queue", .queue, "…")` and yields a `Reference<any MessageQueue>`.
public struct Contract<Offered>: Hashable, Sendable {
    /// The words with their article, for sentences: `a queue`.
    public let words: String

    /// Creates a contract.
    ///
    /// Two contracts are the same if their type and their words are.
    public init(_ words: String) {
        self.words = words
    }

    /// The contract without its type.
    public var erased: AnyContract { AnyContract(words: words, type: ObjectIdentifier(Offered.self)) }
}

/// A contract whose type is known only at run time: what the plan compares.
public struct AnyContract: Hashable, Sendable {
    /// The words with their article.
    public let words: String
    private let type: ObjectIdentifier

    fileprivate init(words: String, type: ObjectIdentifier) {
        self.words = words
        self.type = type
    }
}
