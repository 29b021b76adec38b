public import WippyDefinition

/// What a program brings along for the entries of its projects.
public struct Program: Sendable {
    /// The Swift handlers that entries may name.
    public let handlers: HandlerTable

    /// The kinds that entries may be of.
    public let kinds: KindCatalog

    /// The kinds of which an entry is told that they are not there.
    let absentKinds: AbsentKinds

    /// What is wrong with what the program brings along, which a plan reports with what is wrong with the project.
    public let mistakes: [Diagnostic]

    /// Creates it.
    ///
    /// - Parameter mistakes: what is wrong beside the mistakes in the lists of handlers and kinds.
    public init(
        handlers: HandlerTable = HandlerTable(), kinds: KindCatalog = KindCatalog([]),
        absentKinds: AbsentKinds = AbsentKinds(), mistakes: [Diagnostic] = []
    ) {
        self.handlers = handlers
        self.kinds = kinds
        self.absentKinds = absentKinds
        self.mistakes = kinds.mistakes + handlers.mistakes + mistakes
    }
}
