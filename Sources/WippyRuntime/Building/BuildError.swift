public import WippyDefinition

/// Why an entry could not be built: a sentence for the user, with the entry it is about.
public struct BuildError: Error, CustomStringConvertible {
    /// The entry that could not be built.
    public let entry: EntryID

    /// What happened and what to do.
    public let message: String

    /// Where the entry is declared; nil until who builds it has said so.
    var location: Location?

    /// Creates the error.
    public init(_ entry: EntryID, _ message: String) {
        self.entry = entry
        self.message = message
    }

    /// The place, the entry and the sentence.
    public var description: String { (location.map { "\($0): " } ?? "") + "\(entry): \(message)" }
}
