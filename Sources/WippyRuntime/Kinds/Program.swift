public import WippyDefinition

/// The handlers and kinds of a program, which the entries of its projects can name.
public struct Program: Sendable {
    /// The Swift handlers that entries can name.
    public let handlers: HandlerTable

    /// The kinds that entries can have.
    public let kinds: KindCatalog

    /// Known kinds that this version does not have.
    ///
    /// An entry of such a kind gets an error that says so.
    package let absentKinds: AbsentKinds

    /// Errors in the program itself.
    ///
    /// A plan reports them with the project's diagnostics.
    public let mistakes: [Diagnostic]

    private let parts = SharedParts()

    /// Creates a program.
    ///
    /// - Parameters:
    ///   - handlers: the handlers that entries may name.
    ///   - kinds: the kinds that entries may have.
    ///   - absentKinds: known kinds that this version does not have.
    ///   - mistakes: further errors, beside those in the lists of handlers and kinds.
    public init(
        handlers: HandlerTable = HandlerTable(), kinds: KindCatalog = KindCatalog([]),
        absentKinds: AbsentKinds = AbsentKinds(), mistakes: [Diagnostic] = []
    ) {
        self.handlers = handlers
        self.kinds = kinds
        self.absentKinds = absentKinds
        self.mistakes = kinds.mistakes + handlers.mistakes + mistakes
    }

    /// What a family of kinds makes of the program for all of its entries: made when the first asks for it.
    public func shared<Part: Sendable>(_ make: (Program) -> Part) -> Part { parts.part { make(self) } }
}
