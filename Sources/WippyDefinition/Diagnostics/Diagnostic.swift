import WippyText

/// A mistake in a project's definition files, with its place.
///
/// A diagnostic is one line in the form that editors and CI understand:
///
/// ```
/// src/_index.yaml:14:5: error: app:gateway: unknown field 'adr'; did you mean 'addr'?
/// ```
public struct Diagnostic: Sendable {
    /// Whether the project still runs.
    public enum Severity: String, Sendable {
        /// The project runs. Something has no effect or is probably a mistake.
        case warning
        /// The project does not run.
        case error
    }

    /// Whether the project still runs.
    public let severity: Severity

    /// The place: of the key or the value that is wrong, or of the entry's name if something is missing.
    public let location: Location

    /// The entry concerned, if the problem belongs to one.
    public let entry: EntryID?

    /// One sentence: the field, what was expected, what was found, and help if it is probably right.
    public let message: String

    /// Creates a diagnostic.
    public init(_ severity: Severity, at location: Location, entry: EntryID? = nil, _ message: String) {
        self.severity = severity
        self.location = location
        self.entry = entry
        self.message = message
    }

    /// Creates an error.
    public static func error(at location: Location, entry: EntryID? = nil, _ message: String) -> Diagnostic {
        Diagnostic(.error, at: location, entry: entry, message)
    }

    /// Creates a warning.
    public static func warning(at location: Location, entry: EntryID? = nil, _ message: String) -> Diagnostic {
        Diagnostic(.warning, at: location, entry: entry, message)
    }
}

extension Diagnostic: Hashable {
    /// Whether both have the same place and exactly the same text.
    public static func == (left: Diagnostic, right: Diagnostic) -> Bool {
        left.severity == right.severity && left.location == right.location && left.entry == right.entry
            && ExactText.areEqual(left.message, right.message)
    }

    /// Feeds the place and the message to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(location)
        ExactText.hash(message, into: &hasher)
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The diagnostic as one line.
    public var description: String { DiagnosticPrinter().text(of: self) }
}
