public import WippyDefinition

/// Why an entry could not be built: a sentence for the user, with the entry it is about.
public struct BuildError: Error, CustomStringConvertible {
    /// The entry that could not be built.
    public let entry: EntryID

    /// What happened and what to do.
    public let message: String

    /// Where the mistake stands: the entry, unless it is a field; nil until who builds it has said so.
    var location: Location?

    /// Creates the error.
    public init(_ entry: EntryID, _ message: String) {
        self.init(entry, message, at: nil)
    }

    init(_ entry: EntryID, _ message: String, at location: Location?) {
        self.entry = entry
        self.message = message
        self.location = location
    }

    /// The error beside those that are found before anything is built.
    public var diagnostic: Diagnostic {
        .error(at: location ?? Location(source: "\(entry)"), entry: entry, message)
    }

    /// The place, the entry and the sentence.
    public var description: String { (location.map { "\($0): " } ?? "") + "\(entry): \(message)" }
}
