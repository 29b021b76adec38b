public import WippyText

/// The known kinds that this version does not have.
///
/// An entry of such a kind gets an error that says so.
public struct AbsentKinds: Sendable {
    private let names: Set<ExactText>
    private let families: [String]

    /// The reason why they are absent, as it follows "no kind 'x' here: " in the error.
    let reason: String

    /// Creates the list.
    ///
    /// - Parameters:
    ///   - names: the names of the kinds.
    ///   - families: prefixes of names. Every kind whose name begins with one of them is absent too.
    ///   - reason: the end of the error "no kind 'x' here: …".
    public init(
        _ names: Set<ExactText> = [], families: [String] = [],
        because reason: String = "it is not supported yet"
    ) {
        self.names = names
        self.families = families
        self.reason = reason
    }

    /// Whether a kind with the name is known to be absent.
    func contain(_ name: String) -> Bool {
        names.contains(ExactText(name)) || families.contains { name.hasExactPrefix($0) }
    }

    /// The rests of the names that begin with a prefix, sorted: `amqp` after `queue.driver.`.
    package func words(after prefix: String) -> [String] {
        names.sorted().map(\.string).filter { $0.hasExactPrefix(prefix) }.map { $0.dropping(prefix) }
    }
}
