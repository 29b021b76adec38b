/// What an entry can be used as: a Swift type, and the words for it in a sentence.
///
/// Each contract is a static constant. So a field that refers to a queue is `fields.reference("queue", .queue, "…")`,
/// and gives a `Reference<any MessageQueue>`.
public struct Contract<Offered>: Hashable, Sendable {
    /// The words for sentences, with an article: `a queue`.
    public let words: String

    /// What an entry usually does with an entry that it refers to by this contract: publish, call, read.
    ///
    /// A field can say otherwise.
    public let meaning: ReferenceMeaning

    /// Creates a contract.
    ///
    /// Two contracts are equal if their types, words and meanings are.
    public init(_ words: String, meaning: ReferenceMeaning = .startsAfter) {
        self.words = words
        self.meaning = meaning
    }

    /// The contract without its type.
    public var erased: AnyContract {
        AnyContract(words: words, meaning: meaning, type: ObjectIdentifier(Offered.self))
    }
}

/// A contract without its Swift type, which the plan compares.
public struct AnyContract: Hashable, Sendable {
    /// The words for sentences, with an article.
    public let words: String

    /// What an entry usually does with one that offers the contract.
    ///
    /// A field can say otherwise.
    public let meaning: ReferenceMeaning

    private let type: ObjectIdentifier

    fileprivate init(words: String, meaning: ReferenceMeaning, type: ObjectIdentifier) {
        self.words = words
        self.meaning = meaning
        self.type = type
    }
}
