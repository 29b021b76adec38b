public import WippyText

/// Kinds that are known and not there, so that their entries are refused by name.
public struct AbsentKinds: Sendable {
    private let names: Set<ExactText>
    private let families: [String]

    /// Creates the list.
    ///
    /// - Parameters:
    ///   - names: the names of the kinds.
    ///   - families: what the names of further ones begin with.
    public init(_ names: Set<ExactText> = [], families: [String] = []) {
        self.names = names
        self.families = families
    }

    /// Whether it has a kind of the name.
    func contain(_ name: String) -> Bool {
        names.contains(ExactText(name)) || families.contains { name.hasExactPrefix($0) }
    }
}
