/// Something that an entry can be for other entries, such as a queue: a Swift type, with words for messages.
///
/// Declare each contract as a static property of `Contract`. For example, `fields.reference("queue", .queue, "…")`
/// reads a field that refers to a queue, and returns a `Reference<any MessageQueue>`.
public struct Contract<Offered>: Hashable, Sendable {
    /// The words for the contract in a sentence, with an article, such as `a queue`.
    public let words: String

    /// The usual meaning of a reference to an entry that offers the contract, such as "publishes" or "calls".
    ///
    /// A field can give another meaning.
    public let meaning: ReferenceMeaning

    /// Creates a contract.
    ///
    /// Two contracts are equal if they have the same type, words and meaning.
    ///
    /// - Parameters:
    ///   - words: the words for the contract in a sentence, with an article, such as `a queue`.
    ///   - meaning: the usual meaning of a reference to such an entry. Default: `startsAfter`.
    public init(_ words: String, meaning: ReferenceMeaning = .startsAfter) {
        self.words = words
        self.meaning = meaning
    }

    /// The contract without its Swift type.
    public var erased: AnyContract {
        AnyContract(words: words, meaning: meaning, type: ObjectIdentifier(Offered.self))
    }
}

/// A contract without its Swift type, so that the plan can compare contracts.
public struct AnyContract: Hashable, Sendable {
    /// The words for the contract in a sentence, with an article.
    public let words: String

    /// The usual meaning of a reference to an entry that offers the contract.
    ///
    /// A field can give another meaning.
    public let meaning: ReferenceMeaning

    private let type: ObjectIdentifier

    fileprivate init(words: String, meaning: ReferenceMeaning, type: ObjectIdentifier) {
        self.words = words
        self.meaning = meaning
        self.type = type
    }
}
