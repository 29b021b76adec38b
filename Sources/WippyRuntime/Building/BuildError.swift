public import WippyDefinition

/// Why an entry could not be built: a sentence for the user, with the entry it is about.
public struct BuildError: Error, CustomStringConvertible {
    /// The entry that could not be built.
    public let entry: EntryID

    /// What happened and what to do.
    public let message: String

    /// Where the mistake stands; nil until who builds the entry has said that it is the entry's own place.
    public internal(set) var location: Location?

    /// Creates the error.
    ///
    /// - Parameter location: where the mistake stands, `Entry.location(of:)`; defaults to the entry's own place.
    public init(_ entry: EntryID, _ message: String, at location: Location? = nil) {
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

/// Why a plan could not be built: what is wrong with each entry that could not be.
///
/// An entry that needs another one which could not be built is not among them.
public struct BuildErrors: Error, CustomStringConvertible {
    /// The errors, in the order in which they were found; at least one.
    public let errors: [BuildError]

    init(_ errors: [BuildError]) {
        self.errors = errors
    }

    /// The errors beside those that are found before anything is built.
    public var diagnostics: [Diagnostic] { errors.map(\.diagnostic) }

    /// The errors, a line each.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
