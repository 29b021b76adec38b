import WippyRuntime

/// A statement that you build step by step: ``Select``, ``Insert``, ``UpdateRows``, ``DeleteRows``.
///
/// Builders are values. Each step returns a new one, and you can use the old one again. Tables and columns are ``SQL``,
/// so they are literals of the program. Values are always bound.
public protocol SQLBuilder: Sendable {
    /// The statement's text and the values to bind.
    ///
    /// - Throws: `Invalid` when a part is missing or two parts do not match.
    func statement(_ placeholders: SQLPlaceholders) throws -> SQLStatement

    /// The statement's text with `?` for each value, and the values. Lists in conditions keep their length.
    ///
    /// - Throws: as ``statement(_:)``.
    func plainStatement() throws -> SQLStatement
}

extension SQLBuilder {
    /// By default the statement for databases whose placeholder is `?`.
    public func plainStatement() throws -> SQLStatement { try statement(.question) }

    /// A copy with a change.
    func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}

extension WippyError {
    /// What is wrong with a statement that was put together.
    static func invalidStatement(_ message: String) -> WippyError {
        WippyError(.invalid, message, isRetryable: false)
    }
}
