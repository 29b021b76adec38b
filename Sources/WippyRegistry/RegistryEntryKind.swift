import WippyDefinition
import WippyRuntime
import WippyValues

/// `registry.entry`: data that other entries and programs read.
///
/// The runtime only replaces the placeholders in it.
struct RegistryEntryKind: EntryKind {
    static let name: KindName = "registry.entry"
    static let summary = "Data for your own code. The runtime only replaces the placeholders in it."

    struct Config: EntryConfig {
        let data: Value

        init(from fields: inout FieldReader) {
            data = fields.everything("Any field, for your own code.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> { .nothing }
}
