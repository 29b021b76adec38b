public import WippyText

/// Known kinds that the program does not have.
///
/// An entry of such a kind gets an error with the reason.
public struct AbsentKinds: Sendable {
    private let names: Set<ExactText>
    private let families: [String]

    /// The reason why the kinds are missing.
    ///
    /// In the error, it follows "no kind 'x' here: ".
    let reason: String

    /// Creates the list.
    ///
    /// - Parameters:
    ///   - names: the names of the kinds. Default: none.
    ///   - families: prefixes of names. Every kind whose name begins with one of them is also missing. Default: none.
    ///   - reason: the end of the error "no kind 'x' here: …". Default: `it is not supported yet`.
    public init(
        _ names: Set<ExactText> = [], families: [String] = [],
        because reason: String = "it is not supported yet"
    ) {
        self.names = names
        self.families = families
        self.reason = reason
    }

    /// Returns true if a kind with the name is known to be missing.
    func contain(_ name: String) -> Bool {
        names.contains(ExactText(name)) || families.contains { name.hasExactPrefix($0) }
    }

    /// Returns the remainders of the names that begin with a prefix, sorted: `amqp` after `queue.driver.`.
    package func words(after prefix: String) -> [String] {
        names.sorted().map(\.string).filter { $0.hasExactPrefix(prefix) }.map { $0.dropping(prefix) }
    }
}
