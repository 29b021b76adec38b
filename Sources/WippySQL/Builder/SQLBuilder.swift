import WippyRuntime

/// A statement that you build step by step: ``SelectRows``, ``InsertRows``, ``UpdateRows``, ``DeleteRows``.
///
/// Builders are values. Each step returns a new builder and does not change the old one. Tables and columns are
/// ``SQL``, so no text from a client gets into them by accident.
public protocol SQLBuilder: Sendable {
    /// Returns the statement's text and the values to bind.
    ///
    /// - Throws: `WippyError` of kind `Invalid` when a part is missing or not valid.
    func statement(_ parameterStyle: SQLParameterStyle) throws -> SQLStatement

    /// Returns the statement's text, with `?` for each value, and the values.
    ///
    /// - Throws: the errors of ``statement(_:)``.
    func plainStatement() throws -> SQLStatement
}

extension SQLBuilder {
    /// Returns the statement for databases whose parameter is `?`.
    public func plainStatement() throws -> SQLStatement { try statement(.question) }

    /// Returns a copy after a change.
    func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}

extension WippyError {
    /// The error for a statement that cannot be built.
    static func invalidStatement(_ message: String) -> WippyError {
        WippyError(.invalid, message, isRetryable: false)
    }
}
