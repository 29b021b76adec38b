public import WippyDefinition
public import WippyRuntime

/// A kind whose entries are storages of variables.
///
/// The config returns the texts when the project is read. At run time, code can set texts if the component of the entry
/// has `WrittenVariables`.
public protocol VariableStorageKind: EntryKind where Config: VariableStorageConfig, Component == VariableStorage {}

extension VariableStorageKind {
    /// Offers the contract of a storage, which variables and other storages can name.
    public func offers(_ entry: Entry<Config>) -> [Offer<VariableStorage>] { [Offer(.variableStorage) { $0 }] }

    /// Builds a component to which other entries can refer.
    ///
    /// The storage's texts have been read already. Code cannot set them.
    public func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<VariableStorage> {
        .component(VariableStorage())
    }
}
