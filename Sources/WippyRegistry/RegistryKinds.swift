public import WippyRuntime

/// The kinds of entries that are only data in the registry.
public enum RegistryKinds {
    /// All kinds of the family: `registry.entry`.
    public static let all: [any ProgramPart] = [RegistryEntryKind()]
}
