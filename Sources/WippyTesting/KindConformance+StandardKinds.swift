import Wippy
public import WippyConformance
public import WippyDefinition
public import WippyRuntime

extension KindConformance {
    /// Creates a test of a kind in a program with the standard kinds.
    ///
    /// - Parameters:
    ///   - kind: the kind. If it has the type of a standard kind, it takes the place of that one.
    ///   - entry: the id of an entry of this kind.
    ///   - changes: other values for fields of the entry, each in the form `field=value`. Default: none.
    ///   - handlers: the handlers that the definitions name. Default: none.
    ///   - definitions: returns the text of a definition file that has the entry. It gets the path of a folder, which
    ///     is new for each rule. It can write files there that the entry needs.
    public init(
        _ kind: some EntryKind, entry: EntryID, changes: [String] = [], handlers: HandlerTable = HandlerTable(),
        _ definitions: @escaping @Sendable (_ folder: String) throws -> String
    ) {
        self.init(
            kind, entry: entry, changes: changes, handlers: handlers, kinds: .standard, definitions)
    }
}
