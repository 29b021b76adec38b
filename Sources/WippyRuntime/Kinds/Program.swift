public import WippyDefinition

/// The handlers and kinds of a program, which the entries of a project can name.
public struct Program: Sendable {
    /// The Swift handlers that entries can name.
    public let handlers: HandlerTable

    /// The kinds that entries can have.
    public let kinds: KindCatalog

    /// Errors in the program itself.
    ///
    /// A plan reports them with the project's diagnostics.
    public let mistakes: [Diagnostic]

    private let sharedValues = SharedValues()

    /// Creates a program.
    ///
    /// - Parameters:
    ///   - handlers: the handlers that entries can name. Default: none.
    ///   - kinds: the kinds that entries can have. Default: none.
    ///   - mistakes: further errors, in addition to those in the lists of handlers and kinds. Default: none.
    public init(
        handlers: HandlerTable = HandlerTable(), kinds: KindCatalog = KindCatalog([]), mistakes: [Diagnostic] = []
    ) {
        self.handlers = handlers
        self.kinds = kinds
        self.mistakes = kinds.mistakes + handlers.mistakes + mistakes
    }

    /// Returns the additions of a type, such as the Lua modules, in the order of the program's list of kinds.
    public func additions<Listed: Sendable>(as type: Listed.Type) -> [Listed] { kinds.parts[type] }

    /// Returns the program's one value of a type, for all entries of a family of kinds.
    ///
    /// `make` creates the value when it is first needed. It may run again if several threads ask at the same time, but
    /// all of them get one value.
    public func shared<Shared: Sendable>(_ make: (Program) -> Shared) -> Shared {
        sharedValues.value { make(self) }
    }
}
