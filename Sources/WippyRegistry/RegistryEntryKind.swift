import WippyDefinition
import WippyRuntime
import WippyValues

/// `registry.entry`: data that other entries and programs read.
///
/// The runtime does nothing with it.
struct RegistryEntryKind: EntryKind {
    static let name: KindName = "registry.entry"
    static let summary = "Data for your own code. The runtime does nothing with it."

    struct Config: EntryConfig {
        let data: Value

        init(from fields: inout FieldReader) {
            data = fields.everything("Any field. The runtime does not read it.")
        }
    }

    func build(_ entry: Entry<Config>, with context: BuildContext) throws -> Built<Never> { .nothing }
}
