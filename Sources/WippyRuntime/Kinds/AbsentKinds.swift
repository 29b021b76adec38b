public import WippyText

/// A part of a program that lists known kinds which the program does not have.
///
/// An entry of such a kind gets an error with the reason. A kind that the program does have works as usual.
public struct AbsentKinds: ProgramPart {
    private let names: Set<ExactText>
    private let families: [String]

    /// The reason why the kinds are missing.
    ///
    /// In the error, it follows "no kind 'x' here: ".
    private let reason: String

    /// Creates a list of missing kinds.
    ///
    /// - Parameters:
    ///   - names: the names of the kinds. Default: none.
    ///   - families: prefixes of names. They stand for all kinds whose names begin with one of them. Default: none.
    ///   - reason: the end of the error "no kind 'x' here: …". Default: `it is not supported yet`.
    public init(
        _ names: Set<ExactText> = [], families: [String] = [],
        because reason: String = "it is not supported yet"
    ) {
        self.names = names
        self.families = families
        self.reason = reason
    }

    /// Adds the list to the program's lists of absent kinds.
    public func list(in parts: inout ProgramParts) { parts.add(self, as: AbsentKinds.self) }

    /// Returns the reason why a kind is missing; nil if the list does not have it.
    fileprivate func reason(of name: String) -> String? {
        names.contains(ExactText(name)) || families.contains { name.hasExactPrefix($0) } ? reason : nil
    }

    /// Returns the remainders of the names that begin with a prefix, sorted: `amqp` after `queue.driver.`.
    fileprivate func words(after prefix: String) -> [String] {
        names.sorted().map(\.string).filter { $0.hasExactPrefix(prefix) }.map { $0.dropping(prefix) }
    }
}

extension KindCatalog {
    /// Returns the reason why the program does not have a known kind; nil if no ``AbsentKinds`` have it.
    func absence(of name: String) -> String? {
        parts[AbsentKinds.self].lazy.compactMap { $0.reason(of: name) }.first
    }

    /// Finds the names in ``AbsentKinds`` that begin with a prefix, and returns the rest of each name.
    ///
    /// For example, it returns `amqp` for the name `queue.driver.amqp` and the prefix `queue.driver.`. Kinds that
    /// ``AbsentKinds`` name only by a prefix are left out.
    public func absentWords(after prefix: String) -> [String] {
        parts[AbsentKinds.self].flatMap { $0.words(after: prefix) }
    }
}
