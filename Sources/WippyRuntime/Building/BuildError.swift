public import WippyDefinition

/// An error that stops an entry from being built.
public struct BuildError: Error, CustomStringConvertible {
    /// The id of the entry that could not be built.
    public let entry: EntryID

    /// One sentence for the user: the problem and its solution.
    public let message: String

    /// The place of the error.
    ///
    /// If it is nil, the runtime may set it.
    public internal(set) var location: Location?

    /// The text that probably belongs in the place of the wrong one; nil if there is no such text.
    public let suggestion: String?

    /// The other places that the message names.
    public let related: [Location]

    /// Creates the error.
    ///
    /// - Parameters:
    ///   - entry: the id of the entry that could not be built.
    ///   - message: one sentence with the problem and its solution.
    ///   - location: the place of the error, from `Entry.location(of:)`; nil for a place that the runtime chooses, such
    ///     as the entry's own. Default: nil.
    ///   - suggestion: the text that probably belongs in the place of the wrong one, if the message suggests it.
    ///     Default: nil.
    ///   - related: the other places that the message names. Default: none.
    public init(
        _ entry: EntryID, _ message: String, at location: Location? = nil, suggestion: String? = nil,
        related: [Location] = []
    ) {
        self.entry = entry
        self.message = message
        self.location = location
        self.suggestion = suggestion
        self.related = related
    }

    /// The error as a diagnostic.
    public var diagnostic: Diagnostic {
        .error(at: location ?? Location(source: "\(entry)"), entry: entry, message)
            .replacing(with: suggestion).naming(related)
    }

    /// The place if there is one, the entry and the sentence.
    public var description: String { (location.map { "\($0): " } ?? "") + "\(entry): \(message)" }
}

/// The errors that stop a plan from being built.
///
/// An entry that fails only because it needs another entry that fails has no error here.
public struct BuildErrors: Error, CustomStringConvertible {
    /// The errors, in the order in which they were found.
    ///
    /// The list is not empty.
    public let errors: [BuildError]

    init(_ errors: [BuildError]) {
        self.errors = errors
    }

    /// The errors as diagnostics.
    public var diagnostics: [Diagnostic] { errors.map(\.diagnostic) }

    /// The errors, one on each line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
