public import WippyDefinition
import WippyText

/// The handlers and kinds of a program, which the entries of a project can name.
public struct Program: Sendable {
    /// The Swift handlers that entries can name.
    public let handlers: HandlerTable

    /// The kinds that entries can have.
    public let kinds: KindCatalog

    /// The sections of `.wippy.yaml` that the program has beside those of every program, each once.
    public let settings: [any SettingsSection.Type]

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
    ///   - settings: sections of `.wippy.yaml`, in addition to those in the list of kinds. Default: none.
    ///   - mistakes: further errors, in addition to those in the lists of handlers, kinds and sections. Default: none.
    public init(
        handlers: HandlerTable = HandlerTable(), kinds: KindCatalog = KindCatalog([]),
        settings: [any SettingsSection.Type] = [], mistakes: [Diagnostic] = []
    ) {
        self.handlers = handlers
        self.kinds = kinds
        self.settings = RepeatedTypes.once(kinds.parts[(any SettingsSection.Type).self] + settings) { $0 }
        self.mistakes = kinds.mistakes + handlers.mistakes + Self.mistakes(in: self.settings) + mistakes
    }

    /// The errors in a list of sections: names that others have.
    private static func mistakes(in sections: [any SettingsSection.Type]) -> [Diagnostic] {
        let listed = sections.map { (name: ExactText($0.section), type: $0 as Any.Type) }
        let taken = listed.filter { ProjectSettings.generalSections.contains($0.name) }.map { name, type in
            "the section '\(name)' (\(String(reflecting: type))) has the name of a section that every program has; "
                + "give it another name"
        }
        return (taken + RepeatedTypes.mistakes(of: "section", in: listed)).map {
            .error(at: Location(source: "settings"), $0)
        }
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
