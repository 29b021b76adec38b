/// What an entry can offer another: a Swift type, and the words for it in a sentence.
///
/// Each contract is one static constant, so that a field that refers to a queue reads
/// `fields.reference("queue", .queue, "…")` and yields a `Reference<any MessageQueue>`.
public struct Contract<Offered>: Hashable, Sendable {
    /// The words with their article, for sentences: `a queue`.
    public let words: String

    /// What an entry does with one that offers this, unless the field that names it says otherwise.
    public let meaning: ReferenceMeaning

    /// Creates a contract.
    ///
    /// Two contracts are the same if their type, their words and their meaning are.
    public init(_ words: String, meaning: ReferenceMeaning = .startsAfter) {
        self.words = words
        self.meaning = meaning
    }

    /// The contract without its type.
    public var erased: AnyContract {
        AnyContract(words: words, meaning: meaning, type: ObjectIdentifier(Offered.self))
    }
}

/// A contract whose type is known only at run time: what the plan compares.
public struct AnyContract: Hashable, Sendable {
    /// The words with their article.
    public let words: String

    /// What an entry does with one that offers this, unless the field that names it says otherwise.
    public let meaning: ReferenceMeaning

    private let type: ObjectIdentifier

    fileprivate init(words: String, meaning: ReferenceMeaning, type: ObjectIdentifier) {
        self.words = words
        self.meaning = meaning
        self.type = type
    }
}
