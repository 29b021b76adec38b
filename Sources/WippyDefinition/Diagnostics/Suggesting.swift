import WippyText

/// A problem in words that can suggest the right text.
public protocol Suggesting {
    /// The problem in words.
    var message: String { get set }

    /// The text that probably belongs in the place of the wrong one; nil if there is no such text.
    var suggestion: String? { get set }
}

extension Suggesting {
    /// Returns the problem with a suggestion, and with `; did you mean 'addr'?` at the end of its message.
    ///
    /// - Parameter text: the text that probably belongs in the place of the wrong one; nil to return the same problem.
    public func suggesting(_ text: (some CustomStringConvertible)?) -> Self {
        guard let text else { return self }
        var problem = self
        problem.message += Spelling.suggestion(text)
        problem.suggestion = text.description
        return problem
    }
}
