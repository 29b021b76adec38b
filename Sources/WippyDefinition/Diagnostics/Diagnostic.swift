import WippyText

/// An error or a warning about a project, with its place.
///
/// Its text is one line in the form that editors and CI understand:
///
/// ```
/// src/_index.yaml:14:5: error: app:gateway: unknown field 'adr'; did you mean 'addr'?
/// ```
public struct Diagnostic: Sendable, Suggesting {
    /// The severity of a diagnostic.
    public enum Severity: String, Sendable {
        /// Something that does not keep the project from running.
        case warning
        /// Something that keeps the project from running.
        case error
    }

    /// The severity: an error or a warning.
    public let severity: Severity

    /// The place of the problem: usually the place of the wrong key or value.
    public let location: Location

    /// The id of the entry with the problem; nil if there is none, or if it is not known.
    public let entry: EntryID?

    /// The problem in words.
    public var message: String

    /// The text that probably belongs at the place instead of the wrong one; nil if there is no such text.
    ///
    /// It replaces the key or value at ``location``, or only the wrong part of it, such as a placeholder or a name in a
    /// script.
    public var suggestion: String?

    /// Other places of the same problem, such as the first declaration of an id that is declared twice.
    public private(set) var related: [Location] = []

    /// Creates a diagnostic.
    ///
    /// - Parameters:
    ///   - severity: an error or a warning.
    ///   - location: the place of the problem.
    ///   - entry: the id of the entry with the problem. Default: nil, none.
    ///   - message: the problem in words.
    public init(_ severity: Severity, at location: Location, entry: EntryID? = nil, _ message: String) {
        self.severity = severity
        self.location = location
        self.entry = entry
        self.message = message
    }

    /// Returns the diagnostic with a suggestion that its message already has in words.
    ///
    /// - Parameter text: the text that probably belongs at the place; nil for none.
    public func replacing(with text: String?) -> Diagnostic {
        var diagnostic = self
        diagnostic.suggestion = text
        return diagnostic
    }

    /// Returns the diagnostic with other places of the same problem.
    public func naming(_ places: Location...) -> Diagnostic { naming(places) }

    /// Returns the diagnostic with other places of the same problem.
    public func naming(_ places: [Location]) -> Diagnostic {
        var diagnostic = self
        diagnostic.related += places
        return diagnostic
    }

    /// Returns the diagnostic as a warning.
    ///
    /// - Parameter condition: the beginning of the warning's message, before a colon; nil for the same message.
    package func asWarning(if condition: String? = nil) -> Diagnostic {
        .warning(at: location, entry: entry, condition.map { "\($0): \(message)" } ?? message)
            .replacing(with: suggestion).naming(related)
    }

    /// Returns a diagnostic that is an error.
    public static func error(at location: Location, entry: EntryID? = nil, _ message: String) -> Diagnostic {
        Diagnostic(.error, at: location, entry: entry, message)
    }

    /// Returns a diagnostic that is a warning.
    public static func warning(at location: Location, entry: EntryID? = nil, _ message: String) -> Diagnostic {
        Diagnostic(.warning, at: location, entry: entry, message)
    }
}

extension Diagnostic: Hashable {
    /// Returns true if both have the same severity, place, entry and message.
    ///
    /// Messages are compared byte for byte.
    public static func == (left: Diagnostic, right: Diagnostic) -> Bool {
        left.severity == right.severity && left.location == right.location && left.entry == right.entry
            && ExactText.areEqual(left.message, right.message)
    }

    /// Hashes the place and the message.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(location)
        ExactText.hash(message, into: &hasher)
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The diagnostic as one line.
    public var description: String { DiagnosticPrinter().text(of: self) }
}
