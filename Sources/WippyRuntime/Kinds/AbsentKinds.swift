public import WippyText

/// Known kinds that this version does not have, so that an entry of such a kind gets an error that says so.
public struct AbsentKinds: Sendable {
    private let names: Set<ExactText>
    private let families: [String]

    /// Why they are not there, as a message goes on after "no kind 'x' here: ".
    let reason: String

    /// Creates the list.
    ///
    /// - Parameters:
    ///   - names: the names of the kinds.
    ///   - families: the beginnings of the names of more kinds.
    ///   - reason: why they are not there.
    public init(_ names: Set<ExactText> = [], families: [String] = [], because reason: String = "it is not there yet") {
        self.names = names
        self.families = families
        self.reason = reason
    }

    /// Whether it has a kind of the name.
    func contain(_ name: String) -> Bool {
        names.contains(ExactText(name)) || families.contains { name.hasExactPrefix($0) }
    }

    /// What the names that begin with a text go on with, in order: `amqp` after `queue.driver.`.
    package func words(after prefix: String) -> [String] {
        names.sorted().map(\.string).filter { $0.hasExactPrefix(prefix) }.map { $0.dropping(prefix) }
    }
}
