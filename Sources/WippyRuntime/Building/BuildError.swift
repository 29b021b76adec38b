public import WippyDefinition

/// Why an entry could not be built: a sentence for the user, with the entry.
public struct BuildError: Error, CustomStringConvertible {
    /// The entry that could not be built.
    public let entry: EntryID

    /// What happened and what to do.
    public let message: String

    /// The place of the mistake; nil means the entry's own place.
    public internal(set) var location: Location?

    /// Creates the error.
    ///
    /// - Parameters:
    ///   - entry: the entry that could not be built.
    ///   - message: one sentence: what is wrong and what to do.
    ///   - location: the place of the mistake, from `Entry.location(of:)`; nil for the entry's own place.
    public init(_ entry: EntryID, _ message: String, at location: Location? = nil) {
        self.entry = entry
        self.message = message
        self.location = location
    }

    /// The error as a diagnostic.
    public var diagnostic: Diagnostic {
        .error(at: location ?? Location(source: "\(entry)"), entry: entry, message)
    }

    /// The place, the entry and the sentence.
    public var description: String { (location.map { "\($0): " } ?? "") + "\(entry): \(message)" }
}

/// Why a plan could not be built: an error for each entry that could not.
///
/// An entry that only failed because it needs one of them has no error.
public struct BuildErrors: Error, CustomStringConvertible {
    /// The errors, in the order in which they were found; at least one.
    public let errors: [BuildError]

    init(_ errors: [BuildError]) {
        self.errors = errors
    }

    /// The errors as diagnostics.
    public var diagnostics: [Diagnostic] { errors.map(\.diagnostic) }

    /// The errors, a line each.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
